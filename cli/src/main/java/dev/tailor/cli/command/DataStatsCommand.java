package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.data.DataReport;
import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleStatistics;
import dev.tailor.text.Tokenizer;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/// `tailor data stats`.
@Command(
        name = "stats",
        description = {"Count samples, characters, turns and, with a model, tokens.", ""},
        footer = {
            "",
            "Examples:",
            "  tailor data stats train.jsonl",
            "  tailor data stats 'docs/**/*.md' --model ./base"
        })
final class DataStatsCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final DataArguments data = new DataArguments();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Also count the tokens of this model's tokenizer (without its template).")
    private @Nullable String model;

    DataStatsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DataSet set = data.open();
        DataReport report = set.report();
        long tokens = model == null ? 0 : tokens(set, model);
        if (session.json()) {
            ObjectNode json = DataReports.json(report, 0);
            if (model != null) {
                json.put("tokens", tokens);
            }
            session.print(json);
        } else {
            print(report, tokens);
        }
        return 0;
    }

    private void print(DataReport report, long tokens) {
        SampleStatistics statistics = report.statistics();
        row("format", report.format().id());
        row("files", report.files().size() + ", " + Figures.bytes(report.bytes()));
        row(
                "rows",
                "%d, %d rejected, %d duplicates"
                        .formatted(report.rows(), report.rejected(), report.duplicates()));
        row("samples", String.valueOf(statistics.samples()));
        row(
                "characters",
                "%s, %.0f a sample on average"
                        .formatted(
                                Figures.count(statistics.characters()),
                                statistics.meanCharacters()));
        row(
                "lengths",
                "shortest %d, median %d, 95 %% below %d, longest %d"
                        .formatted(
                                statistics.shortest(),
                                statistics.median(),
                                statistics.long95(),
                                statistics.longest()));
        if (statistics.turns() > 0) {
            row(
                    "turns",
                    "%.1f a sample, most %d"
                            .formatted(
                                    (double) statistics.turns() / Math.max(1, statistics.samples()),
                                    statistics.mostTurns()));
        }
        if (tokens > 0) {
            row(
                    "tokens",
                    "%s, %.2f characters a token"
                            .formatted(
                                    Figures.count(tokens),
                                    (double) statistics.characters() / tokens));
        }
    }

    private void row(String name, String value) {
        session.print(String.format(Locale.ROOT, "%-11s %s", name, value));
    }

    private long tokens(DataSet set, String model) {
        try (Tokenizer tokenizer = Tokenizer.load(session.model(model).directory());
                Stream<Sample> samples = set.samples()) {
            return samples.mapToLong(sample -> tokens(sample, tokenizer)).sum();
        }
    }

    private static long tokens(Sample sample, Tokenizer tokenizer) {
        return switch (sample) {
            case Sample.Text text -> tokenizer.encodeOrdinary(text.text()).length;
            case Sample.Augmented text ->
                    tokenizer.encodeOrdinary(text.text()).length
                            + text.pairs().stream()
                                    .mapToLong(pair ->
                                            tokenizer.encodeOrdinary(
                                                            pair.question() + "\n" + pair.answer())
                                                    .length)
                                    .sum();
            case Sample.PromptCompletion pair ->
                    tokenizer.encodeOrdinary(pair.prompt() + pair.completion()).length;
            case Sample.Chat chat -> tokens(chat.messages().stream(), tokenizer);
            case Sample.Preference pair ->
                    tokens(
                            Stream.of(pair.prompt(), pair.chosen(), pair.rejected())
                                    .flatMap(java.util.List::stream),
                            tokenizer);
            case Sample.Unpaired answer ->
                    tokens(
                            Stream.concat(answer.prompt().stream(), answer.completion().stream()),
                            tokenizer);
        };
    }

    private static long tokens(Stream<dev.tailor.text.Message> messages, Tokenizer tokenizer) {
        return messages.mapToLong(message ->
                        tokenizer.encodeOrdinary(String.valueOf(message.content())).length)
                .sum();
    }
}
