package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.torch.Precision;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.Optional;

/// How a command is told which model to load.
final class ModelArguments {
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

    @Mixin private final PrecisionArguments precision = new PrecisionArguments();
    @Mixin private final DeviceArguments device = new DeviceArguments();

    /// What was named.
    ModelSource source(Session session) {
        ModelSource source = session.model(model);
        return adapter == null ? source : source.withAdapter(adapter);
    }

    /// Loads it.
    LoadedModel load(Session session) {
        device.use();
        return LoadedModel.load(source(session), precision());
    }

    /// The number format, if one was asked for.
    Optional<Precision> precision() {
        return precision.precision();
    }
}
