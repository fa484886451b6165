package dev.tailor.torch;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Has this module's tests compute where `-Dtailor.test.device` says, a name of [ComputeDevice]:
/// the processor if it says nothing.
public final class DeviceOfTests implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        String name = System.getProperty("tailor.test.device", "");
        if (!name.isEmpty()) {
            Torch.device(ComputeDevice.valueOf(name));
        }
    }
}
