package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.torch.Precision;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.Optional;

/// How a command is told which model to load.
final class ModelArguments {
    /// Number formats by the names people use for them.
    enum PrecisionName {
        /// float32
        fp32,
        /// bfloat16
        bf16
    }

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A model directory in Hugging Face layout, or MODEL+ADAPTER.")
    private String model = "";

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "A PEFT adapter to put on top of the model.")
    private @Nullable Path adapter;

    @Option(
            names = "--precision",
            paramLabel = "FORMAT",
            description =
                    "Compute in ${COMPLETION-CANDIDATES} (default: fp32 up to 500M parameters,"
                            + " above that what the model is stored in).")
    private @Nullable PrecisionName precision;

    /// What was named.
    ModelSource source(Session session) {
        ModelSource source = session.model(model);
        return adapter == null ? source : source.withAdapter(adapter);
    }

    /// Loads it.
    LoadedModel load(Session session) {
        return LoadedModel.load(source(session), precision());
    }

    /// The number format, if one was asked for.
    Optional<Precision> precision() {
        return switch (precision) {
            case null -> Optional.empty();
            case fp32 -> Optional.of(Precision.FLOAT32);
            case bf16 -> Optional.of(Precision.BFLOAT16);
        };
    }
}
