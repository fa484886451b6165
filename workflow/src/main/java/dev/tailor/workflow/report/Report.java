package dev.tailor.workflow.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.html.Html;
import dev.tailor.core.html.HtmlPage;
import dev.tailor.workflow.store.RunDirectory;

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
                        new Section(
                                "boards",
                                "Boards",
                                Html.of(
                                        "{}{}",
                                        BoardSection.render(data),
                                        DifferencesSection.render(data))),
                        new Section("curves", "Training", CurvesSection.render(data)),
                        new Section("samples", "Samples", SamplesSection.render(data)),
                        new Section("answers", "Answers", AnswersSection.render(data)),
                        new Section("data", "Data", DataSection.render(data)),
                        new Section("masks", "What is learnt", MaskSection.render(data)),
                        new Section(
                                "lineage", "Lineage and settings", LineageSection.render(data)));
        List<Section> shown = sections.stream().filter(Section::hasContent).toList();
        return new HtmlPage(
                        data.run().name() + " · Tailor",
                        HtmlPage.style(Report.class, "report.css"),
                        Html.of(
                                "{}<nav>{}</nav>",
                                Overview.header(data),
                                shown.stream().map(Section::link).toList()),
                        Html.join(shown.stream().map(Section::render).toList()),
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
}
