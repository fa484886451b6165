package dev.tailor.data;

import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is wrong with data, and what to do about it.
///
/// @param report what was read; nothing if the data cannot be read at all
/// @param issues what is wrong, worst first
public record DataCheck(Optional<DataReport> report, List<Issue> issues) {
    /// How bad it is.
    public enum Severity {
        /// The data cannot be used.
        ERROR,
        /// A part of the data is lost or will teach something unwanted.
        WARNING,
        /// Worth knowing.
        INFO
    }

    /// Something about the data.
    ///
    /// @param severity how bad it is
    /// @param where the place, or the first of several
    /// @param message what it is
    /// @param remedy what to do about it; may be empty
    public record Issue(Severity severity, String where, String message, String remedy) {}

    /// Reads all of the data and looks at every sample. Does not throw because of the data.
    public static DataCheck of(DataSource source) {
        try {
            DataSet data = DataSet.open(source);
            DataReport report = data.report();
            List<Issue> issues = new ArrayList<>(issuesOf(report));
            if (report.samples() > 0) {
                Inspection inspection = new Inspection();
                try (SampleReader reader = data.reader()) {
                    for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                        inspection.look(sample);
                    }
                }
                issues.addAll(inspection.issues());
            }
            issues.sort((a, b) -> a.severity().compareTo(b.severity()));
            return new DataCheck(Optional.of(report), List.copyOf(issues));
        } catch (TailorException e) {
            Issue issue =
                    new Issue(
                            Severity.ERROR,
                            e.where().orElse(""),
                            e.getMessage(),
                            e.remedy().orElse(""));
            return new DataCheck(Optional.empty(), List.of(issue));
        }
    }

    /// Whether the data cannot be used.
    public boolean hasErrors() {
        return issues.stream().anyMatch(issue -> issue.severity() == Severity.ERROR);
    }

    private static List<Issue> issuesOf(DataReport report) {
        List<Issue> issues = new ArrayList<>();
        String file = report.files().getFirst().toString();
        if (report.samples() == 0) {
            issues.add(
                    new Issue(
                            Severity.ERROR,
                            file,
                            "not one of %d rows can be used".formatted(report.rows()),
                            "see the reasons below; or say 'format:' if the recognised one (%s)"
                                            .formatted(report.format().id())
                                    + " is wrong"));
        }
        for (Map.Entry<String, Long> entry : report.rejectedByReason().entrySet()) {
            String first =
                    report.rejections().stream()
                            .filter(row -> row.reason().equals(entry.getKey()))
                            .findFirst()
                            .map(row -> row.origin().toString())
                            .orElse(file);
            issues.add(
                    new Issue(
                            Severity.WARNING,
                            first,
                            "%s left out: %s".formatted(rows(entry.getValue()), entry.getKey()),
                            "correct or remove them"));
        }
        if (report.duplicates() > 0) {
            issues.add(
                    new Issue(
                            Severity.WARNING,
                            file,
                            rows(report.duplicates()) + " equal to an earlier one",
                            "remove them, or they are learnt more often than the others"));
        }
        if (!report.unusedColumns().isEmpty()) {
            issues.add(
                    new Issue(
                            Severity.INFO,
                            file,
                            "columns that are not used: "
                                    + String.join(", ", report.unusedColumns()),
                            ""));
        }
        if (!report.skippedFiles().isEmpty()) {
            issues.add(
                    new Issue(
                            Severity.INFO,
                            report.skippedFiles().getFirst().toString(),
                            report.skippedFiles().size() + " files that are no data, passed over",
                            ""));
        }
        return issues;
    }

    static String rows(long count) {
        return count == 1 ? "1 row" : count + " rows";
    }
}
