package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.data.JsonRows;
import dev.tailor.torch.Generated;
import dev.tailor.torch.Generator;
import dev.tailor.torch.StopCheck;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.StopStrings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/// `tailor generate`.
@Command(
        name = "generate",
        description = {"Let a model continue prompts or answer conversations.", ""},
        footer = {
            "",
            "Each input line is one of",
            "  {\"prompt\": \"...\"}       text that is continued as it stands",
            "  {\"messages\": [...]}     a conversation, through the model's chat template",
            "  {\"tokens\": [1, 2, 3]}   token ids",
            "Each output line is {\"text\": ..., \"tokens\": [...], \"finish_reason\":"
                    + " \"stop\"|\"length\"}.",
            "The same seed gives the same answers.",
            "",
            "Examples:",
            "  tailor generate ./model --prompt 'Once upon a time' --max-tokens 50",
            "  tailor generate ./model --input questions.jsonl --temperature 0.7 --top-p 0.9",
            "  tailor generate ./base --adapter ./adapter --prompt 'Q: ...' --stop 'Q:'"
        })
public final class GenerateCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArguments model = new ModelArguments();
    @Mixin private final SamplingArguments sampling = new SamplingArguments();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Continue this text.")
    private @Nullable String prompt;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE.jsonl",
            description = "Continue each line of this file.")
    private @Nullable Path input;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the answers here (default: standard output).")
    private @Nullable Path output;

    /// Generates within this session.
    public GenerateCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if ((prompt == null) == (input == null)) {
            throw TailorException.of(ErrorCode.USAGE, "give either --prompt or --input")
                    .remedy("see 'tailor generate --help'");
        }
        List<JsonRows.Row> rows = input == null ? List.of() : JsonRows.read(input);
        session.startTorch();
        try (LoadedModel loaded = model.load(session)) {
            Set<Integer> stopIds = new HashSet<>(loaded.tokenizer().stopIds());
            List<int[]> prompts = new ArrayList<>();
            if (prompt != null) {
                prompts.add(loaded.promptTokens(prompt));
            }
            for (JsonRows.Row row : rows) {
                prompts.add(tokens(row, loaded));
                if (row.json().has("messages")) {
                    stopIds.addAll(loaded.chat().stopIds());
                }
            }
            for (int[] each : prompts) {
                if (each.length == 0) {
                    throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "an empty prompt, and the tokenizer has no token to begin with");
                }
            }
            render(generate(loaded, prompts, stopIds));
        }
        return 0;
    }

    private static int[] tokens(JsonRows.Row row, LoadedModel loaded) {
        if (row.json().has("prompt")) {
            return loaded.promptTokens(row.text("prompt"));
        }
        if (row.json().has("messages")) {
            Object tools = PlainJson.value(row.json().path("tools"));
            return loaded.chat()
                    .tokens(
                            PlainJson.messages(row.json().path("messages"), row.place()),
                            tools instanceof List<?> list ? List.copyOf(list) : List.of());
        }
        if (row.json().has("tokens")) {
            return row.tokens("tokens", loaded.model().config().vocabularySize());
        }
        throw row.invalid("expected 'prompt', 'messages' or 'tokens'");
    }

    private List<ObjectNode> generate(
            LoadedModel loaded, List<int[]> prompts, Set<Integer> stopIds) {
        StopStrings stops = new StopStrings(loaded.tokenizer(), sampling.stops());
        AtomicLong produced = new AtomicLong();
        long start = System.nanoTime();
        try (Session.Progress progress = session.progress()) {
            StopCheck check =
                    (sequence, tokens) -> {
                        session.cancellation().check();
                        long count = produced.incrementAndGet();
                        double seconds = (System.nanoTime() - start) / 1e9;
                        progress.on(
                                new Event.Step(
                                        "generate",
                                        count,
                                        0,
                                        Map.of("tokens_per_second", count / seconds)));
                        return stops.shouldStop(sequence, tokens);
                    };
            List<Generated> generated =
                    new Generator(loaded.model())
                            .generate(
                                    prompts,
                                    sampling.settings(),
                                    stopIds,
                                    new Seed(sampling.seed()),
                                    check,
                                    (sequence, token) -> {});
            return generated.stream().map(each -> json(each, loaded, stops)).toList();
        }
    }

    private static ObjectNode json(Generated generated, LoadedModel loaded, StopStrings stops) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("text", stops.cut(loaded.tokenizer().decode(generated.tokens(), true)));
        ArrayNode tokens = line.putArray("tokens");
        for (int token : generated.tokens()) {
            tokens.add(token);
        }
        return line.put("finish_reason", generated.reason().name().toLowerCase(Locale.ROOT));
    }

    private void render(List<ObjectNode> answers) {
        if (output == null) {
            answers.forEach(session::print);
        } else {
            StringBuilder lines = new StringBuilder();
            answers.forEach(answer -> lines.append(answer).append('\n'));
            AtomicWrite.text(output, lines.toString());
        }
    }
}
