package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.train.Objective.Preference;
import dev.tailor.train.Objective.Unpaired;
import dev.tailor.train.preference.AnswerLoss;
import dev.tailor.train.preference.Divergence;
import dev.tailor.train.preference.PreferenceLoss;
import dev.tailor.train.preference.PreferenceLoss.Mixture;
import dev.tailor.workflow.internal.keys.Values;
import dev.tailor.workflow.internal.keys.Variant;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Turns the values of stages of preference optimisation into their objectives. A setting that the
/// chosen losses do not read is an error unless it has its default.
final class PreferenceReader {
    private PreferenceReader() {}

    /// The objective of a dpo stage.
    static Preference pairs(Values values) {
        Map<String, Double> weights = values.weights("loss");
        refuse(values, weights, "label-smoothing", 0.0);
        refuse(values, weights, "gamma", 1.0);
        refuse(values, weights, "tau", 0.05);
        refuse(values, weights, "nll-weight", 0.0);
        if (weights.containsKey("exo-pair") && values.real("label-smoothing") == 0) {
            throw invalid(
                            values.place("label-smoothing"),
                            "with the loss exo-pair, 'label-smoothing' must be above 0")
                    .remedy("leave it out for 0.001");
        }
        PreferenceLoss loss = loss(weights, values);
        Divergence divergence = divergence(values.variant("divergence"));
        double tail = values.real("ld-alpha");
        if (!(divergence instanceof Divergence.ReverseKl) && !Preference.takesDivergence(loss)) {
            throw idle(values, "divergence", weights)
                    .remedy("leave it out, or choose a loss of the margin, such as sigmoid");
        }
        if (tail < 1 && !Preference.takesTailWeight(loss)) {
            throw idle(values, "ld-alpha", weights)
                    .remedy("leave it out, or choose losses that have a reference");
        }
        if (values.flag("reference-free") && !loss.usesReference()) {
            throw idle(values, "reference-free", weights)
                    .remedy("leave it out: no reference is asked anyway");
        }
        return new Preference(
                loss, values.real("beta"), divergence, values.flag("reference-free"), tail);
    }

    private static PreferenceLoss loss(Map<String, Double> weights, Values values) {
        List<Mixture.Part> parts = new ArrayList<>();
        weights.forEach((word, weight) ->
                parts.add(new Mixture.Part(LossWord.of(word).loss(values), weight)));
        return parts.size() == 1 && parts.getFirst().weight() == 1
                ? parts.getFirst().loss()
                : new Mixture(parts);
    }

    private static void refuse(
            Values values, Map<String, Double> weights, String setting, double standard) {
        List<String> readers = LossWord.reading(setting);
        if (values.real(setting) != standard
                && weights.keySet().stream().noneMatch(readers::contains)) {
            throw idle(values, setting, weights)
                    .remedy("it belongs to " + String.join(", ", readers) + ": leave it out");
        }
    }

    private static dev.tailor.core.TailorException idle(
            Values values, String setting, Map<String, Double> weights) {
        return invalid(
                values.place(setting),
                "'%s' has no effect with the loss %s"
                        .formatted(setting, String.join(", ", weights.keySet())));
    }

    private static Divergence divergence(Variant variant) {
        return switch (variant.name()) {
            case "reverse-kl" -> new Divergence.ReverseKl();
            case "forward-kl" -> new Divergence.ForwardKl();
            case "js" -> new Divergence.JensenShannon();
            case "alpha" -> new Divergence.Alpha(variant.values().real("coefficient"));
            default -> throw new IllegalStateException("not in the table: " + variant.name());
        };
    }

    /// The objective of a kto stage.
    static Unpaired answers(Values values) {
        AnswerLoss loss =
                switch (values.text("loss")) {
                    case "kto" -> new AnswerLoss.Kto();
                    case "apo-zero" -> new AnswerLoss.ApoZero();
                    default -> throw new IllegalStateException("not in the table");
                };
        return new Unpaired(
                loss,
                values.real("beta"),
                values.real("desirable-weight"),
                values.real("undesirable-weight"));
    }
}
