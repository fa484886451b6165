package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.workflow.report.LineChart.Point;
import dev.tailor.workflow.report.LineChart.Series;
import dev.tailor.workflow.store.RunRecord.StageRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/// The curves of every stage that trained.
final class CurvesSection {
    /// Shown in this order, with the held-out twin `eval_NAME` in the same picture.
    private static final List<Curve> CURVES =
            List.of(
                    new Curve("loss", "Loss", Figures::number, false),
                    new Curve("rewards/accuracies", "Preferred answers", Figures::percent, false),
                    new Curve("rewards/margins", "Reward margin", Figures::number, false),
                    new Curve("learning_rate", "Learning rate", Figures::number, true),
                    new Curve("grad_norm", "Gradient norm", Figures::number, true),
                    new Curve("tokens_per_second", "Tokens per second", Figures::number, true),
                    new Curve("memory_bytes", "Resident memory", Figures::bytes, true));

    private record Curve(
            String name, String title, DoubleFunction<String> format, boolean fromZero) {}

    private CurvesSection() {}

    static Html render(ReportData data) {
        List<Html> stages = new ArrayList<>();
        for (StageRecord stage : data.run().stages()) {
            if (!data.points(stage.id(), "loss").isEmpty()) {
                stages.add(stage(data, stage));
            }
        }
        return Html.join(stages);
    }

    private static Html stage(ReportData data, StageRecord stage) {
        List<Html> charts = new ArrayList<>();
        for (Curve curve : CURVES) {
            List<Point> held = data.points(stage.id(), "eval_" + curve.name());
            List<Series> series = new ArrayList<>();
            series.add(new Series("training", "line-a", data.points(stage.id(), curve.name())));
            series.add(new Series("held out", "line-b", held));
            charts.add(
                    new LineChart(curve.title(), series, curve.format(), curve.fromZero())
                            .render());
        }
        return Html.of(
                """
                <h3>{} <span class="soft">{}{}</span></h3>
                <div class="charts">{}</div>
                """,
                stage.id(),
                stage.kind(),
                summary(stage.metrics()),
                charts);
    }

    private static String summary(Map<String, Double> metrics) {
        StringBuilder text = new StringBuilder();
        metric(metrics, "steps", text, "%s steps");
        metric(metrics, "tokens", text, "%s tokens read");
        metric(metrics, "trainable_parameters", text, "%s weights learn");
        return text.toString();
    }

    private static void metric(
            Map<String, Double> metrics, String name, StringBuilder text, String phrase) {
        Double value = metrics.get(name);
        if (value != null) {
            text.append(" · ").append(phrase.formatted(Figures.count(Math.round(value))));
        }
    }
}
