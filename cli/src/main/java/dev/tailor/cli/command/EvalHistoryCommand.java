package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.report.History;
import dev.tailor.eval.report.ResultFiles;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;

/// `tailor eval history`.
@Command(
        name = "history",
        description = {"How figures went over several evaluations, with charts.", ""},
        footer = {
            "",
            "RESULTS are directories that tailor eval --out or a recipe has written, or results"
                    + " files",
            "in the shape of lm-evaluation-harness: one for each run. Runs stand in the order in",
            "which their results were written, with --order given in the order they are named.",
            "",
            "Examples:",
            "  tailor eval history results/2026-* --out history",
            "  tailor eval history runs/first runs/second --order given"
        })
final class EvalHistoryCommand implements Callable<Integer> {
    private final Session session;

    /// How runs are ordered.
    enum Order {
        time,
        given
    }

    @Parameters(arity = "1..*", paramLabel = "RESULTS", description = "The results of a run each.")
    private List<Path> places = List.of();

    @Option(
            names = "--order",
            defaultValue = "time",
            paramLabel = "ORDER",
            description = "time (when results were written) or given (default: time).")
    private Order order = Order.time;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Write history.html, history.md and history.json here.")
    private @Nullable Path out;

    EvalHistoryCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (new LinkedHashSet<>(places).size() < places.size()) {
            throw TailorException.of(ErrorCode.USAGE, "a run is named twice: " + places);
        }
        List<History.Run> runs = new ArrayList<>();
        for (Path place : places) {
            ResultFiles files = ResultFiles.below(place);
            runs.add(new History.Run(name(place), files.time(), files.results()));
        }
        if (order == Order.time) {
            runs.sort(Comparator.comparing(History.Run::time));
        }
        History history = new History(runs);
        if (out != null) {
            history.write(out);
        }
        if (session.json()) {
            session.print(history.json());
        } else {
            session.out().print(history.text());
        }
        return 0;
    }

    /// The last part of a place, or the whole where two end alike.
    private String name(Path place) {
        Path last = place.toAbsolutePath().normalize().getFileName();
        long alike =
                places.stream()
                        .filter(other ->
                                other.toAbsolutePath().normalize().getFileName().equals(last))
                        .count();
        return alike > 1 || last == null ? place.toString() : last.toString();
    }
}
