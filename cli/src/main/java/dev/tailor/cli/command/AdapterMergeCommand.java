package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.merge.Adapters;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergeResult;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `tailor adapter merge`.
@Command(
        name = "merge",
        description = {"Write the model that a base and its adapter make together.", ""},
        footer = {
            "",
            "LoRA, rsLoRA and DoRA, with patterns, modules_to_save, biases and embeddings. The",
            "result has the base's types; each weight is computed in float32 and rounded once.",
            "",
            "Examples:",
            "  tailor adapter merge ./base ./adapter ./merged",
            "  tailor adapter merge ./base ./adapter ./merged --out-shard-size 500M"
        })
final class AdapterMergeCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "BASE", description = "The model directory.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "ADAPTER", description = "The PEFT directory.")
    private String adapter = "";

    @Parameters(index = "2", paramLabel = "OUT", description = "The model directory to write.")
    private Path out = Path.of("");

    @Option(
            names = "--out-shard-size",
            paramLabel = "SIZE",
            defaultValue = "5B",
            description =
                    "Most bytes of one file of the output: 500M, 5B (default: ${DEFAULT-VALUE}).")
    private String shardSize = "5B";

    AdapterMergeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MergeOptions options =
                MergeOptions.standard()
                        .withThreads(session.options().threads())
                        .withMaxShardBytes(MergeCommand.bytes(shardSize));
        MergeResult result;
        try (Session.Progress progress = session.progress()) {
            result =
                    Adapters.merge(
                            AdapterCommand.directory(session, base),
                            AdapterCommand.directory(session, adapter),
                            out,
                            options,
                            progress,
                            session.cancellation());
        }
        MergeReports.show(session, result);
        return 0;
    }
}
