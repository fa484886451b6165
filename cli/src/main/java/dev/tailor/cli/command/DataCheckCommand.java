package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.data.DataReport;
import dev.tailor.data.Rejection;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

/// `tailor data check`.
@Command(
        name = "check",
        description = {"Say what data is and list the rows that cannot be used, with reasons.", ""},
        footer = {
            "",
            "Exit code 0 when every row can be used, 3 otherwise.",
            "",
            "Examples:",
            "  tailor data check train.jsonl",
            "  tailor data check train.jsonl --list 1000 --json"
        })
final class DataCheckCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final DataArguments data = new DataArguments();

    @Option(
            names = "--list",
            paramLabel = "N",
            defaultValue = "20",
            description = "List at most so many rejected rows (default: ${DEFAULT-VALUE}).")
    private int list;

    DataCheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DataReport report = data.open().report();
        if (session.json()) {
            session.print(DataReports.json(report, list));
        } else {
            print(report);
        }
        return report.rejected() == 0 ? 0 : ErrorCode.DATA_INVALID.exitCode();
    }

    private void print(DataReport report) {
        session.print(report.format().id() + ": " + report.reason());
        session.print(
                "%s in %d %s, %d rows, %d usable, %d rejected, %d duplicates"
                        .formatted(
                                Figures.bytes(report.bytes()),
                                report.files().size(),
                                report.files().size() == 1 ? "file" : "files",
                                report.rows(),
                                report.samples(),
                                report.rejected(),
                                report.duplicates()));
        if (!report.unusedColumns().isEmpty()) {
            session.print("columns not used: " + String.join(", ", report.unusedColumns()));
        }
        if (!report.skippedFiles().isEmpty()) {
            session.print("files that are no data: " + report.skippedFiles());
        }
        report.rejectedByReason()
                .forEach((reason, count) -> session.print("%7d  %s".formatted(count, reason)));
        report.rejections().stream()
                .limit(list)
                .forEach(rejection -> session.print(line(rejection)));
    }

    private static String line(Rejection rejection) {
        String beginning = rejection.verbatim().isEmpty() ? "" : "  " + rejection.verbatim();
        return "  " + rejection.origin() + ": " + rejection.reason() + beginning;
    }
}
