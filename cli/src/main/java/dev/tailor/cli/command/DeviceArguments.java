package dev.tailor.cli.command;

import dev.tailor.torch.ComputeDevice;
import dev.tailor.torch.Torch;

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
                    "cpu, or cuda: an NVIDIA card, with a program built by MAVEN_ARGS=-Pgpu"
                            + " (default: cpu).")
    private Kind device = Kind.cpu;

    /// Has models compute there; fails where it cannot be computed on.
    void use() {
        if (device == Kind.cuda) {
            Torch.device(ComputeDevice.CUDA);
        }
    }
}
