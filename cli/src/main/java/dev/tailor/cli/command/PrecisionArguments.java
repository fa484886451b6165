package dev.tailor.cli.command;

import dev.tailor.torch.Precision;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.Optional;

/// In which number format a command computes.
final class PrecisionArguments {
    /// Number formats by the names people use for them.
    enum PrecisionName {
        /// float32
        fp32,
        /// bfloat16
        bf16
    }

    @Option(
            names = "--precision",
            paramLabel = "FORMAT",
            description =
                    "Compute in ${COMPLETION-CANDIDATES} (default: fp32 up to 500M parameters,"
                            + " above that what the model is stored in).")
    private @Nullable PrecisionName precision;

    /// The number format, if one was asked for.
    Optional<Precision> precision() {
        return switch (precision) {
            case null -> Optional.empty();
            case fp32 -> Optional.of(Precision.FLOAT32);
            case bf16 -> Optional.of(Precision.BFLOAT16);
        };
    }
}
