package dev.tailor.export.internal.card;

import dev.tailor.export.ModelCard;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// The Markdown of a model card.
public final class CardText {
    private final ModelCard card;
    private final StringBuilder out = new StringBuilder();

    private CardText(ModelCard card) {
        this.card = card;
    }

    /// The text below the front matter.
    public static String of(ModelCard card) {
        return new CardText(card).write();
    }

    private String write() {
        out.append("# ").append(line(card.name())).append("\n\n");
        out.append(card.summary().strip()).append("\n\n");
        steps();
        metrics();
        data();
        facts();
        return out.toString().stripTrailing() + "\n";
    }

    private void steps() {
        if (card.baseModels().isEmpty() && card.steps().isEmpty()) {
            return;
        }
        out.append("## How it was made\n\n");
        if (!card.baseModels().isEmpty()) {
            out.append(card.baseModels().size() == 1 ? "Base model: " : "Made from: ");
            out.append(String.join(", ", card.baseModels().stream().map(CardText::code).toList()));
            out.append("\n\n");
        }
        int number = 1;
        for (ModelCard.Step step : card.steps()) {
            out.append(number++).append(". **").append(line(step.name())).append("**: ");
            out.append(line(step.description())).append('\n');
        }
        out.append('\n');
    }

    private void metrics() {
        if (card.metrics().isEmpty()) {
            return;
        }
        out.append("## Measured\n\n");
        boolean compared = card.metrics().stream().anyMatch(metric -> metric.base().isPresent());
        row(
                compared
                        ? List.of("task", "metric", "base", "this model", "change")
                        : List.of("task", "metric", "this model"));
        row(
                compared
                        ? List.of("---", "---", "---:", "---:", "---:")
                        : List.of("---", "---", "---:"));
        for (ModelCard.Metric metric : card.metrics()) {
            String value = number(metric.value()) + error(metric.standardError());
            if (compared) {
                OptionalDouble base = metric.base();
                row(
                        List.of(
                                metric.task(),
                                metric.name(),
                                base.isPresent() ? number(base.getAsDouble()) : "",
                                value,
                                base.isPresent()
                                        ? change(metric.value() - base.getAsDouble())
                                        : ""));
            } else {
                row(List.of(metric.task(), metric.name(), value));
            }
        }
        out.append('\n');
    }

    private void data() {
        if (card.data().isEmpty()) {
            return;
        }
        out.append("## Data\n\n");
        row(List.of("data", "rows", "SHA-256"));
        row(List.of("---", "---:", "---"));
        for (ModelCard.Data data : card.data()) {
            row(
                    List.of(
                            data.name(),
                            String.format(Locale.ROOT, "%,d", data.rows()),
                            data.sha256().map(CardText::code).orElse("")));
        }
        out.append('\n');
    }

    private void facts() {
        if (card.facts().isEmpty()) {
            return;
        }
        out.append("## To make it again\n\n");
        row(List.of("", ""));
        row(List.of("---", "---"));
        for (Map.Entry<String, String> fact : card.facts().entrySet()) {
            row(List.of(fact.getKey(), fact.getValue()));
        }
        out.append('\n');
    }

    private void row(List<String> cells) {
        out.append('|');
        cells.forEach(cell -> out.append(' ').append(cell(cell)).append(" |"));
        out.append('\n');
    }

    private static String cell(String text) {
        return line(text).replace("|", "\\|");
    }

    private static String line(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String code(String text) {
        return "`" + text.replace("`", "") + "`";
    }

    private static String error(OptionalDouble standardError) {
        return standardError.isPresent() ? " ± " + number(standardError.getAsDouble()) : "";
    }

    private static String change(double difference) {
        return (difference > 0 ? "+" : "") + number(difference);
    }

    /// Four significant digits, without an exponent for numbers of usual size.
    private static String number(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return value == 0 ? "0" : String.valueOf(value);
        }
        int whole = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        if (whole < -3) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        return String.format(Locale.ROOT, "%." + Math.clamp(4 - whole, 0, 4) + "f", value);
    }
}
