package dev.tailor.cli.command;

import dev.tailor.torch.Cuda;

import picocli.CommandLine.Option;

/// Where a command computes.
final class DeviceArguments {
    /// The kinds of devices.
    enum Kind {
        cpu,
        cuda
    }

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description =
                    "cpu, or cuda, which this version refuses: its kernels run on processors only"
                            + " (default: cpu).")
    private Kind device = Kind.cpu;

    /// Fails where the device cannot be computed on.
    void require() {
        if (device == Kind.cuda) {
            throw Cuda.here().refusal();
        }
    }
}
