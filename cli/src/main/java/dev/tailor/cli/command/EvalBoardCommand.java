package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.harness.TaskLibrary;
import dev.tailor.eval.report.GainBoard;
import dev.tailor.eval.report.GainBoardFormat;
import dev.tailor.eval.report.ResultFiles;
import dev.tailor.workflow.loraland.Experiment;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor eval board`.
@Command(
        name = "board",
        description = {
            "A board of models and tasks from results: gains over a base, wins, averages.",
            ""
        },
        footer = {
            "",
            "RESULTS are directories that tailor eval --out, tailor loraland or a recipe has"
                    + " written,",
            "or results files in the shape of lm-evaluation-harness. A model called 'NAME tuned'"
                    + " is",
            "held against NAME; every other one against --base, else against the first model.",
            "Each task counts by its first metric.",
            "",
            "Examples:",
            "  tailor eval board results/base results/tuned --out board",
            "  tailor eval board land-7b land-2b --baseline gpt-4=gpt-4.yaml --out board"
        })
final class EvalBoardCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "1..*", paramLabel = "RESULTS", description = "Where the results are.")
    private List<Path> places = List.of();

    @Option(names = "--base", paramLabel = "MODEL", description = "The model others were made of.")
    private @Nullable String base;

    @Option(
            names = "--baseline",
            paramLabel = "NAME[=FILE]",
            description = {
                "A model to count wins over: one of the results, or known by a file: results, or",
                "YAML with a figure for each task (gsm8k: 0.92)."
            })
    private @Nullable String baseline;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Write board.html, board.md, board.csv and board.json here.")
    private @Nullable Path out;

    EvalBoardCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Map<String, ModelResult> results = new LinkedHashMap<>();
        Map<String, String> categories = new LinkedHashMap<>(TaskLibrary.packCategories());
        for (Path place : places) {
            for (ModelResult result : ResultFiles.below(place).results()) {
                if (results.putIfAbsent(result.model(), result) != null) {
                    throw TailorException.of(
                                    ErrorCode.USAGE,
                                    "two of the results are of a model called '"
                                            + result.model()
                                            + "'")
                            .at(place);
                }
            }
            categories.putAll(ResultFiles.categories(place));
        }
        GainBoard board =
                GainBoard.of(pairs(results), Baselines.read(baseline, results), categories);
        if (out != null) {
            GainBoardFormat.write(out, "Gains of " + board.gains().size() + " tuned models", board);
        }
        if (session.json()) {
            session.print(GainBoardFormat.json(board));
        } else {
            session.out().print(GainBoardFormat.text(board));
        }
        return 0;
    }

    private List<GainBoard.Pair> pairs(Map<String, ModelResult> results) {
        String standard = base == null ? results.keySet().iterator().next() : base;
        if (!results.containsKey(standard)) {
            throw TailorException.of(
                            ErrorCode.USAGE, "no results are of a model called '" + base + "'")
                    .remedy(Suggestion.advice(standard, results.keySet()));
        }
        List<String> bases = new ArrayList<>(List.of(standard));
        List<GainBoard.Pair> pairs = new ArrayList<>();
        results.forEach((name, result) -> {
            Optional<String> own = ownBase(name).filter(results::containsKey);
            own.ifPresent(bases::add);
            ModelResult before = results.get(own.orElse(standard));
            if (before != null && !name.equals(before.model()) && !name.equals(baseline)) {
                pairs.add(new GainBoard.Pair(before, result));
            }
        });
        pairs.removeIf(pair -> bases.contains(pair.tuned().model()));
        return pairs;
    }

    private static Optional<String> ownBase(String name) {
        return name.endsWith(Experiment.TUNED)
                ? Optional.of(name.substring(0, name.length() - Experiment.TUNED.length()))
                : Optional.empty();
    }
}
