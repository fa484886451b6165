package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.eval.Board;
import dev.tailor.eval.BoardFormat;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.Store;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `tailor runs show`.
@Command(
        name = "show",
        description = {"Show a run: its stages, their figures, its boards.", ""},
        footer = {
            "",
            "Examples:",
            "  tailor runs show quickstart",
            "  tailor runs show quickstart --json"
        })
final class RunsShowCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Session session;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run's name or directory.")
    private String name = "";

    RunsShowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        KnownRun run = KnownRun.named(name);
        if (session.json()) {
            session.print(json(run));
        } else {
            print(run);
        }
        return 0;
    }

    private static ObjectNode json(KnownRun run) {
        ObjectNode json = (ObjectNode) JSON.readTree(Store.json(run.record()));
        ObjectNode boards = json.putObject("boards");
        for (RunRecord.StageRecord stage : run.record().stages()) {
            Boards.read(run.directory().stage(stage.id()))
                    .ifPresent(board -> boards.set(stage.id(), BoardFormat.json(board)));
        }
        return json;
    }

    private void print(KnownRun run) {
        RunRecord record = run.record();
        session.print(
                "%s: %s, %s in stages, began %s"
                        .formatted(
                                record.name(),
                                RunsListCommand.status(record.status()),
                                Figures.duration(record.seconds()),
                                record.started()));
        session.print("recipe  " + record.recipe());
        session.print("report  " + run.directory().report());
        session.print("");
        for (RunRecord.StageRecord stage : record.stages()) {
            session.print(
                    "  %-16s %-7s %-9s %8s  %s"
                            .formatted(
                                    stage.id(),
                                    stage.kind(),
                                    RunsListCommand.status(stage.status()),
                                    Figures.duration(stage.seconds()),
                                    figures(stage.metrics())));
            stage.notes().forEach(note -> session.print("      " + note));
        }
        record.failure()
                .ifPresent(failure ->
                        session.print(
                                "\nended early: %s %s\n  %s"
                                        .formatted(
                                                failure.where(),
                                                failure.message(),
                                                failure.remedy())));
        for (RunRecord.StageRecord stage : record.stages()) {
            Optional<Board> board = Boards.read(run.directory().stage(stage.id()));
            board.ifPresent(each -> {
                session.print("");
                session.out().print(BoardFormat.TEXT.render(each));
            });
        }
    }

    private static String figures(Map<String, Double> metrics) {
        return metrics.entrySet().stream()
                .map(entry -> entry.getKey() + " " + Figures.number(entry.getValue()))
                .collect(Collectors.joining("  "));
    }
}
