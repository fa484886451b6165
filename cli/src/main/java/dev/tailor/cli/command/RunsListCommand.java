package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.workflow.store.RunRecord;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/// `tailor runs ls`.
@Command(
        name = "ls",
        description = {"List the runs, the latest first.", ""},
        footer = {"", "Examples:", "  tailor runs ls", "  tailor runs ls /data/runs --json"})
final class RunsListCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            defaultValue = "runs",
            description = "The directory that holds them (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("runs");

    RunsListCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<KnownRun> runs = KnownRun.in(directory);
        if (session.json()) {
            session.print(json(runs));
            return 0;
        }
        if (runs.isEmpty()) {
            session.note("no runs in " + directory);
        }
        for (KnownRun run : runs) {
            RunRecord record = run.record();
            session.print(
                    "%-20s %-9s %-20s %8s  %d stages  %s"
                            .formatted(
                                    record.name(),
                                    status(record.status()),
                                    record.started(),
                                    Figures.duration(record.seconds()),
                                    record.stages().size(),
                                    run.directory().root()));
        }
        return 0;
    }

    static String status(RunRecord.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode json(List<KnownRun> runs) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode list = json.putArray("runs");
        for (KnownRun run : runs) {
            list.addObject()
                    .put("name", run.record().name())
                    .put("status", status(run.record().status()))
                    .put("started", run.record().started())
                    .put("seconds", run.record().seconds())
                    .put("stages", run.record().stages().size())
                    .put("directory", run.directory().root().toString());
        }
        return json;
    }
}
