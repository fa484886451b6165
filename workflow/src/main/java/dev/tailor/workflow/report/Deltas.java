package dev.tailor.workflow.report;

/// Differences with a sign, a colour and a shape, so that no reader depends on the colour.
final class Deltas {
    private Deltas() {}

    static Html of(Comparison comparison) {
        double difference = comparison.after() - comparison.before();
        return of(comparison.metric(), difference, comparison.outcome());
    }

    static Html of(String metric, double difference, Comparison.Outcome outcome) {
        String look =
                switch (outcome) {
                    case GAIN -> "good";
                    case LOSS -> "bad";
                    case NOISE -> "noise";
                };
        String sign = difference > 0 ? "▲" : difference < 0 ? "▼" : "=";
        return Html.of(
                "<span class=\"delta {}\" title=\"{}\"><i>{}</i>{}</span>",
                look,
                switch (outcome) {
                    case GAIN -> "better by more than two standard errors";
                    case LOSS -> "worse by more than two standard errors";
                    case NOISE -> "within two standard errors";
                },
                sign,
                Figures.difference(metric, difference));
    }
}
