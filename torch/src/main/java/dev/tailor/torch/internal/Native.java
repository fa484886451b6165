package dev.tailor.torch.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/// Loads libtorch and turns its failures into ours.
public final class Native {
    private Native() {}

    /// Loads the library; the second call costs nothing.
    public static void load() {
        try {
            Loader.load(torch.class);
        } catch (LinkageError | RuntimeException e) {
            throw TailorException.of(
                            ErrorCode.DEVICE_UNAVAILABLE,
                            "libtorch cannot be loaded on this machine ("
                                    + Loader.getPlatform()
                                    + "): "
                                    + firstLine(e))
                    .remedy(
                            "training and generation need libtorch; merging, quantising,"
                                    + " tokenising and GGUF export work without it")
                    .causedBy(e);
        }
    }

    /// Sets the threads of one operation.
    public static void threads(int count) {
        if (count < 1) {
            throw TailorException.of(ErrorCode.USAGE, "cannot compute with " + count + " threads");
        }
        load();
        torch.set_num_threads(count);
    }

    /// The threads of one operation.
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /// Version and features.
    public static String description() {
        load();
        return "libtorch 2.10.0, " + torch.get_cpu_capability().getString();
    }

    static String firstLine(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse(e.toString());
    }
}
