package dev.tailor.workflow.recipe;

import static dev.tailor.workflow.internal.keys.Key.derived;
import static dev.tailor.workflow.internal.keys.Key.preset;

import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;
import dev.tailor.workflow.internal.keys.Shape;
import dev.tailor.workflow.internal.keys.Values;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The keys that only stages of preference optimisation have.
final class PreferenceKeys {
    private static final Map<String, Shape> DIVERGENCES = divergences();

    private PreferenceKeys() {}

    /// Of a dpo stage.
    static Key[] pairs() {
        return new Key[] {
            preset(
                    "loss",
                    new KeyType.Weights(LossWord.words()),
                    "sigmoid",
                    "What a pair costs. Tied to where the model started: `sigmoid` (DPO), `hinge`"
                            + " (SLiC), `ipo`, `robust`, `exo-pair`, `discopop`, `sigmoid-norm`,"
                            + " `nca-pair`, `bco-pair`, `sppo-hard`, `apo-zero`, `apo-down`,"
                            + " `aot`. Without a reference: `orpo`, `cpo`, `simpo`, `sft`. A"
                            + " weighted sum: `{sigmoid: 1.0, sft: 0.5}`."),
            derived(
                    "beta",
                    new KeyType.Real(KeyType.Range.above(0)),
                    "2 with the loss simpo, else 0.1",
                    values -> only(values, LossWord.SIMPO) ? 2.0 : 0.1,
                    "How strongly the model is tied to where it started; the scale of rewards for"
                            + " cpo and simpo; the weight of the odds ratio for orpo."),
            derived(
                    "label-smoothing",
                    new KeyType.Real(KeyType.Range.fromBelow(0, 0.5)),
                    "0.001 with the loss exo-pair, else 0",
                    values -> uses(values, LossWord.EXO_PAIR) ? 0.001 : 0.0,
                    "Share of pairs believed to be labelled the wrong way round. With `sigmoid`:"
                            + " conservative DPO. Also for "
                            + others()
                            + "."),
            preset(
                    "gamma",
                    new KeyType.Real(KeyType.Range.atLeast(0)),
                    1.0,
                    "The margin of rewards that simpo aims at."),
            derived(
                    "nll-weight",
                    new KeyType.Real(KeyType.Range.atLeast(0)),
                    "1 with the loss cpo, else 0",
                    values -> uses(values, LossWord.CPO) ? 1.0 : 0.0,
                    "Weight of the chosen answers' cross-entropy within cpo and simpo; mix other"
                            + " losses with sft."),
            preset(
                    "tau",
                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 1)),
                    0.05,
                    "How sharply discopop changes between its two halves."),
            preset(
                    "divergence",
                    new KeyType.Variants(DIVERGENCES),
                    "reverse-kl",
                    "How the distance from where the model started is measured (f-DPO, arXiv"
                            + " 2309.16240); another one than reverse-kl only with losses of the"
                            + " margin: sigmoid, hinge, ipo, robust, exo-pair, discopop and"
                            + " sigmoid-norm."),
            preset(
                    "reference-free",
                    new KeyType.Flag(),
                    false,
                    "Take all answers to be equally likely where the model started."),
            preset(
                    "ld-alpha",
                    new KeyType.Real(KeyType.Range.closed(0, 1)),
                    1.0,
                    "Weight of an answer's tokens beyond the length of the shorter one (LD-DPO,"
                            + " arXiv 2409.06411); 1: all count alike.")
        };
    }

    /// Of a kto stage.
    static Key[] answers() {
        return new Key[] {
            preset(
                    "loss",
                    new KeyType.Choice(List.of("kto", "apo-zero")),
                    "kto",
                    "KTO (arXiv 2402.01306), or APO-zero for single answers (arXiv 2408.06266)."),
            preset(
                    "beta",
                    new KeyType.Real(KeyType.Range.above(0)),
                    0.1,
                    "How strongly the model is tied to where it started."),
            preset(
                    "desirable-weight",
                    new KeyType.Real(KeyType.Range.above(0)),
                    1.0,
                    "Weight of wanted answers. Raise the weight of the rarer kind until weight"
                            + " times number is about equal."),
            preset(
                    "undesirable-weight",
                    new KeyType.Real(KeyType.Range.above(0)),
                    1.0,
                    "Weight of unwanted answers.")
        };
    }

    private static String others() {
        return String.join(
                ", ",
                LossWord.reading("label-smoothing").stream()
                        .filter(word -> !word.equals("sigmoid"))
                        .toList());
    }

    private static boolean uses(Values values, LossWord loss) {
        return values.weights("loss").keySet().stream().anyMatch(w -> LossWord.of(w) == loss);
    }

    private static boolean only(Values values, LossWord loss) {
        return values.weights("loss").size() == 1 && uses(values, loss);
    }

    private static Map<String, Shape> divergences() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(
                "reverse-kl",
                new Shape(
                        "reverse-kl", "'reverse-kl'", "KL(model ‖ start), as in DPO.", List.of()));
        shapes.put(
                "forward-kl",
                new Shape("forward-kl", "'forward-kl'", "KL(start ‖ model).", List.of()));
        shapes.put("js", new Shape("js", "'js'", "The Jensen-Shannon divergence.", List.of()));
        shapes.put(
                "alpha",
                new Shape(
                        "alpha",
                        "'alpha'",
                        "An alpha divergence, between the two KL divergences and beyond.",
                        List.of(
                                preset(
                                        "coefficient",
                                        new KeyType.Real(KeyType.Range.closed(-10, 10)),
                                        0.5,
                                        "0 is forward KL, 1 reverse KL."))));
        return shapes;
    }
}
