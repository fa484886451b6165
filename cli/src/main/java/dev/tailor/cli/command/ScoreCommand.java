package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Event;
import dev.tailor.data.JsonRows;
import dev.tailor.eval.Score;
import dev.tailor.workflow.model.Encoding;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.LogitsFile;
import dev.tailor.workflow.model.TokenScoring;
import dev.tailor.workflow.model.TokenSequence;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `tailor score`.
@Command(
        name = "score",
        description = "Log-probabilities of texts, completions or token sequences.",
        footer = {
            "",
            "Each input line is one of",
            "  {\"text\": \"...\"}                            the whole text",
            "  {\"prompt\": \"...\", \"completion\": \"...\"}     the completion after the prompt",
            "  {\"tokens\": [1, 2, 3], \"prompt_tokens\": 1}  tokens; the first are context",
            "Each output line is",
            "  {\"logprob\": sum, \"tokens\": n, \"token_logprobs\": [...], \"greedy\":"
                    + " true|false}",
            "Natural logarithms; 'greedy' says whether greedy decoding would produce these tokens.",
            "The first token of a sequence has nothing before it and is not scored.",
            "",
            "Examples:",
            "  tailor score ./model --input texts.jsonl",
            "  tailor score ./model --input pairs.jsonl --logits logits.safetensors"
        })
public final class ScoreCommand implements Callable<Integer> {
    private static final int ROWS_AT_ONCE = 64;

    private final Session session;

    @Mixin private final ModelArguments model = new ModelArguments();

    @Option(
            names = {"-i", "--input"},
            required = true,
            paramLabel = "FILE.jsonl",
            description = "What to score, one JSON object a line.")
    private Path input = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the scores here (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = "--logits",
            paramLabel = "FILE.safetensors",
            description =
                    "Also write the logits: one F32 tensor logits.ROW of shape [sequence,"
                            + " vocabulary] per line, rows counted from 0.")
    private @Nullable Path logits;

    /// Scores within this session.
    public ScoreCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<JsonRows.Row> rows = JsonRows.read(input);
        session.startTorch();
        try (LoadedModel loaded = model.load(session)) {
            List<TokenSequence> sequences =
                    rows.stream().map(row -> sequence(row, loaded)).toList();
            List<Score> scores = scores(loaded, sequences);
            if (output == null) {
                scores.forEach(score -> session.print(json(score)));
            } else {
                StringBuilder lines = new StringBuilder();
                scores.forEach(score -> lines.append(json(score)).append('\n'));
                AtomicWrite.text(output, lines.toString());
            }
            if (logits != null) {
                LogitsFile.write(logits, loaded.model(), sequences, session.cancellation());
            }
        }
        return 0;
    }

    private List<Score> scores(LoadedModel loaded, List<TokenSequence> sequences) {
        TokenScoring scoring = new TokenScoring(loaded.model(), session.cancellation());
        List<Score> scores = new ArrayList<>();
        try (Session.Progress progress = session.progress()) {
            for (int from = 0; from < sequences.size(); from += ROWS_AT_ONCE) {
                int to = Math.min(from + ROWS_AT_ONCE, sequences.size());
                scores.addAll(scoring.score(sequences.subList(from, to)));
                progress.on(new Event.Step("score", to, sequences.size(), Map.of()));
            }
        }
        return scores;
    }

    private static TokenSequence sequence(JsonRows.Row row, LoadedModel loaded) {
        if (row.json().has("text")) {
            return new TokenSequence(loaded.tokenizer().encode(row.text("text"), true), 0);
        }
        if (row.json().has("prompt") || row.json().has("completion")) {
            return new Encoding(loaded.tokenizer())
                    .continuation(row.text("prompt"), row.text("completion"));
        }
        if (row.json().has("tokens")) {
            int[] tokens = row.tokens("tokens", loaded.model().config().vocabularySize());
            int context = row.json().path("prompt_tokens").intValue(0);
            if (context < 0 || context > tokens.length) {
                throw row.invalid(
                        "'prompt_tokens' is "
                                + context
                                + ", there are "
                                + tokens.length
                                + " tokens");
            }
            return new TokenSequence(tokens, context);
        }
        throw row.invalid("expected 'text', 'prompt' and 'completion', or 'tokens'");
    }

    private static ObjectNode json(Score score) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("logprob", score.logProb());
        line.put("tokens", score.tokens());
        ArrayNode each = line.putArray("token_logprobs");
        for (float logProb : score.tokenLogProbs()) {
            each.add(logProb);
        }
        return line.put("greedy", score.greedy());
    }
}
