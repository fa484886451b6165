package dev.tailor.workflow.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.html.Html;
import dev.tailor.workflow.store.RunDirectory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Writes `report.html`: one file with everything in it, which loads nothing from anywhere.
public final class Report {
    private Report() {}

    /// Writes the report of a run, finished or not, and says where.
    public static Path write(RunDirectory directory) {
        AtomicWrite.text(directory.report(), render(directory));
        return directory.report();
    }

    /// The report of a run.
    public static String render(RunDirectory directory) {
        ReportData data = ReportData.load(directory);
        Steps steps = Steps.of(data);
        List<Section> sections =
                List.of(
                        new Section("pipeline", "Pipeline", Overview.pipeline(data)),
                        new Section("steps", "What each step brought", StepsSection.render(steps)),
                        new Section("boards", "Boards", BoardSection.render(data)),
                        new Section("curves", "Training", CurvesSection.render(data)),
                        new Section("answers", "Answers", AnswersSection.render(data)),
                        new Section("data", "Data", DataSection.render(data)),
                        new Section(
                                "lineage", "Lineage and settings", LineageSection.render(data)));
        List<Section> shown = sections.stream().filter(Section::hasContent).toList();
        return Html.of(
                        """
                        <!doctype html>
                        <html lang="en">
                        <head>
                        <meta charset="utf-8">
                        <meta name="viewport" content="width=device-width, initial-scale=1">
                        <meta http-equiv="Content-Security-Policy" \
                        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
                        <meta name="color-scheme" content="light dark">
                        <title>{} · Tailor</title>
                        <style>
                        {}</style>
                        </head>
                        <body>
                        <header>{}<nav>{}</nav></header>
                        <main>
                        {}</main>
                        <footer>{}</footer>
                        </body>
                        </html>
                        """,
                        data.run().name(),
                        new Html(style()),
                        Overview.header(data),
                        shown.stream().map(Section::link).toList(),
                        shown.stream().map(Section::render).toList(),
                        Overview.footer(data))
                .markup();
    }

    /// A part of the report with its heading.
    private record Section(String id, String title, Html content) {
        boolean hasContent() {
            return !content.markup().isBlank();
        }

        Html link() {
            return Html.of("<a href=\"#{}\">{}</a>", id, title);
        }

        Html render() {
            return Html.of("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, title, content);
        }
    }

    private static String style() {
        try (InputStream in = Report.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("report.css is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
