package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.data.DataReport;
import dev.tailor.data.DataSet;
import dev.tailor.data.SampleWriter;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `tailor data convert`.
@Command(
        name = "convert",
        description = {"Write data as JSON lines in one plain layout.", ""},
        footer = {
            "",
            "Conversations become 'messages' (or 'prompt' and 'completion'), documents 'text',",
            "preferences 'prompt', 'chosen' and 'rejected' with messages.",
            "",
            "Examples:",
            "  tailor data convert sharegpt.json -o messages.jsonl",
            "  tailor data convert train.parquet --distinct -o train.jsonl"
        })
final class DataConvertCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final DataArguments data = new DataArguments();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE.jsonl",
            description = "The file to write.")
    private Path output = Path.of("");

    @Option(names = "--distinct", description = "Leave out samples equal to an earlier one.")
    private boolean distinct;

    DataConvertCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DataSet set = data.open();
        long written = SampleWriter.write(distinct ? set.withoutDuplicates() : set, output);
        DataReport report = set.report();
        if (session.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            session.print(
                    json.put("file", output.toString())
                            .put("samples", written)
                            .put("rows", report.rows())
                            .put("rejected", report.rejected()));
        } else {
            session.note(
                    "%d of %d rows written to %s".formatted(written, report.rows(), output)
                            + (report.rejected() > 0
                                    ? "; see 'tailor data check' for the rest"
                                    : ""));
        }
        return 0;
    }
}
