package dev.tailor.cli.command;

import dev.tailor.data.DataReport;
import dev.tailor.data.SampleStatistics;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;

/// What is known of data, as JSON.
final class DataReports {
    private DataReports() {}

    /// The report with at most `list` rejected rows.
    static ObjectNode json(DataReport report, int list) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format", report.format().id());
        json.put("kind", report.format().kind().name().toLowerCase(Locale.ROOT));
        json.put("reason", report.reason());
        ArrayNode files = json.putArray("files");
        report.files().forEach(file -> files.add(file.toString()));
        ArrayNode skipped = json.putArray("skipped_files");
        report.skippedFiles().forEach(file -> skipped.add(file.toString()));
        json.put("bytes", report.bytes());
        json.put("rows", report.rows());
        json.put("usable", report.samples());
        json.put("rejected", report.rejected());
        json.put("duplicates", report.duplicates());
        ArrayNode unused = json.putArray("unused_columns");
        report.unusedColumns().forEach(unused::add);
        ObjectNode reasons = json.putObject("rejected_by_reason");
        report.rejectedByReason().forEach(reasons::put);
        ArrayNode rejections = json.putArray("rejections");
        report.rejections().stream()
                .limit(list)
                .forEach(rejection ->
                        rejections
                                .addObject()
                                .put("file", rejection.origin().file().toString())
                                .put("row", rejection.origin().row())
                                .put("line", rejection.origin().line())
                                .put("reason", rejection.reason())
                                .put("beginning", rejection.verbatim()));
        json.set("statistics", json(report.statistics()));
        return json;
    }

    private static ObjectNode json(SampleStatistics statistics) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("samples", statistics.samples())
                .put("characters", statistics.characters())
                .put("mean_characters", statistics.meanCharacters())
                .put("shortest", statistics.shortest())
                .put("median", statistics.median())
                .put("percentile_95", statistics.long95())
                .put("longest", statistics.longest())
                .put("turns", statistics.turns())
                .put("most_turns", statistics.mostTurns());
    }
}
