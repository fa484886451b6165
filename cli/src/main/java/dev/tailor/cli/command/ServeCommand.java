package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.serve.ApiKeys;
import dev.tailor.serve.ModelServer;
import dev.tailor.serve.ServedModel;
import dev.tailor.serve.ServerSettings;
import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.JsonNodeFactory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/// `tailor serve`.
@Command(
        name = "serve",
        description = {"Serve a model and its adapters over OpenAI's protocol.", ""},
        footer = {
            "",
            "Answers at /v1/chat/completions, /v1/completions, /v1/models, /tokenize, /health,"
                    + " /v1/votes, /ready and /metrics, and at / with a page to talk on.",
            "Ctrl-C or SIGTERM lets what is being answered be answered, then ends.",
            "",
            "Examples:",
            "  tailor serve runs/quickstart/stages/aligned --port 8000",
            "  tailor serve ./base --adapter legal=./legal --adapter sql=./sql",
            "  tailor serve ./base --adapter tuned=./adapter --votes votes.jsonl",
            "  tailor serve --hash-key alice >> keys.txt   # shows the key itself once",
            "  tailor serve ./model --host 0.0.0.0 --api-key-file keys.txt"
        })
public final class ServeCommand implements Callable<Integer> {
    /// Within what the process waits for its working thread once it is to end.
    private static final long DRAIN_SECONDS = 90;

    private final Session session;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A model directory in Hugging Face layout, or MODEL+ADAPTER.")
    private @Nullable String model;

    @Mixin private final DeviceArguments device = new DeviceArguments();
    @Mixin private final ServeArguments arguments = new ServeArguments();
    @Mixin private final PrecisionArguments precision = new PrecisionArguments();

    @Option(
            names = "--adapter",
            paramLabel = "NAME=DIR",
            description =
                    "A PEFT adapter that clients reach by this name as 'model'; may be given"
                            + " several times.")
    private Map<String, Path> adapters = new LinkedHashMap<>();

    @Option(
            names = "--hash-key",
            paramLabel = "NAME",
            description =
                    "Make an API key and end: its line for the key file goes to standard output,"
                            + " the key itself to standard error.")
    private @Nullable String hashKey;

    /// Serves until it is told to stop.
    public ServeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (hashKey != null) {
            ApiKeys.Fresh fresh = ApiKeys.create(hashKey);
            session.err().println(fresh.key());
            session.print(fresh.line());
            return 0;
        }
        if (model == null) {
            throw TailorException.of(ErrorCode.USAGE, "Missing required parameter: 'MODEL'")
                    .remedy("see 'tailor serve --help'");
        }
        ServerSettings settings = arguments.settings(adapters);
        ModelSource source = session.model(model);
        requireAdapters(arguments.name(source));
        session.startTorch();
        device.use();
        try (LoadedModel loaded = LoadedModel.load(source, precision.precision())) {
            if (source.adapter().isPresent()) {
                loaded.model().fuseAdapter();
            }
            serve(served(loaded), settings);
        }
        return 0;
    }

    /// They are loaded when they are asked for; that they are there is known before.
    private void requireAdapters(String modelName) {
        adapters.forEach((name, directory) -> {
            if (name.equals(modelName)) {
                throw TailorException.of(
                                ErrorCode.USAGE, "model and adapter are both called '" + name + "'")
                        .remedy("give the model another name with --name");
            }
            if (!Files.isRegularFile(directory.resolve("adapter_config.json"))) {
                throw TailorException.of(
                                ErrorCode.FILE_NOT_FOUND, "not an adapter: no adapter_config.json")
                        .at(directory);
            }
        });
    }

    private ServedModel served(LoadedModel loaded) {
        return new ServedModel(
                arguments.name(loaded.source()),
                loaded.model(),
                loaded.tokenizer(),
                new ChatEncoder(loaded.tokenizer(), ChatTemplate.load(loaded.source().directory())),
                loaded.chat().stopIds());
    }

    private void serve(ServedModel model, ServerSettings settings) throws InterruptedException {
        try (ModelServer server = ModelServer.start(model, settings)) {
            String address = "http://" + arguments.shownHost() + ":" + server.port();
            if (session.json()) {
                session.print(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("url", address)
                                .put("model", model.name()));
                session.out().flush();
            }
            session.note("serving " + model.name() + " at " + address);
            session.cancellation().await();
            session.note("answering what has been asked, then ending");
            if (!server.drain(DRAIN_SECONDS)) {
                session.note("some answers were cut off");
            }
        }
    }
}
