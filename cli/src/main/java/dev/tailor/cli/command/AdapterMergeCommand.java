package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.merge.Adapters;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergeResult;
import dev.tailor.workflow.model.ModelSource;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `tailor adapter merge`.
@Command(
        name = "merge",
        description = {"Write the model that a base and its adapter make together.", ""},
        footer = {"", "Examples:", "  tailor adapter merge ./base ./adapter ./merged"})
final class AdapterMergeCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "BASE", description = "The model directory.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "ADAPTER", description = "The PEFT directory.")
    private String adapter = "";

    @Parameters(index = "2", paramLabel = "OUT", description = "The model directory to write.")
    private Path out = Path.of("");

    AdapterMergeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MergeOptions options = MergeOptions.standard().withThreads(session.options().threads());
        MergeResult result;
        try (Session.Progress progress = session.progress()) {
            result =
                    Adapters.merge(
                            ModelSource.parse(base).directory(),
                            ModelSource.parse(adapter).directory(),
                            out,
                            options,
                            progress,
                            session.cancellation());
        }
        MergeReports.show(session, result);
        return 0;
    }
}
