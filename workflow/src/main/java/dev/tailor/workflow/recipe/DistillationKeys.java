package dev.tailor.workflow.recipe;

import static dev.tailor.workflow.internal.keys.Key.derived;
import static dev.tailor.workflow.internal.keys.Key.optional;
import static dev.tailor.workflow.internal.keys.Key.preset;
import static dev.tailor.workflow.recipe.CommonKeys.MODEL;
import static dev.tailor.workflow.recipe.CommonKeys.whole;

import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;
import dev.tailor.workflow.internal.keys.Shape;
import dev.tailor.workflow.internal.keys.Weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The keys that only a distill stage has.
final class DistillationKeys {
    static final List<String> LOSSES =
            List.of(
                    "cross-entropy",
                    "kl",
                    "reverse-kl",
                    "jsd",
                    "tvd",
                    "hidden-mse",
                    "hidden-cosine");

    private static final Map<String, Shape> TEACHINGS = teachings();

    private DistillationKeys() {}

    static Key[] all() {
        return new Key[] {
            optional(
                    "teacher",
                    MODEL,
                    "The model to learn from, with the same tokenizer. Not needed where a store of"
                            + " what it said is at hand."),
            derived(
                    "loss",
                    new KeyType.Weights(LOSSES),
                    "`{kl: 0.5, cross-entropy: 0.5}`",
                    values -> half(),
                    "What is learnt, as a mean by weights: how far the next token's distribution is"
                        + " from the teacher's (`kl`, `reverse-kl`, `jsd`, `tvd`), how far hidden"
                        + " states are (`hidden-mse`, `hidden-cosine`), and the data's own tokens"
                        + " (`cross-entropy`)."),
            preset(
                    "temperature",
                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 100)),
                    1.0,
                    "What the logits of both are divided by before they are compared. The loss is"
                            + " multiplied by its square."),
            preset(
                    "teaching",
                    new KeyType.Variants(TEACHINGS),
                    "online",
                    "When the teacher is asked."),
            preset(
                    "hidden-layers",
                    new KeyType.Items(
                            new KeyType.Pattern(
                                    "last|all|[0-9]{1,4}:[0-9]{1,4}",
                                    "'last', 'all' or a pair such as 12:24")),
                    List.of("last"),
                    "Hidden states to compare: the `last` ones, `all` (each layer with the"
                        + " teacher's at the same share of its depth), or pairs `student:teacher`,"
                        + " where 0 is the embedding and 1 the first layer."),
            preset(
                    "projections",
                    new KeyType.Choice(List.of("needed", "always")),
                    "needed",
                    "Whether a learnt matrix stands between hidden states only where their widths"
                            + " differ, or always. It is no part of the result.")
        };
    }

    private static Weights half() {
        Map<String, Double> weights = new LinkedHashMap<>();
        weights.put("kl", 0.5);
        weights.put("cross-entropy", 0.5);
        return new Weights(weights);
    }

    private static Map<String, Shape> teachings() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(
                "online",
                new Shape(
                        "online",
                        "'online'",
                        "In every step: it reads what the student reads, and all of its logits"
                                + " count.",
                        List.of()));
        shapes.put(
                "offline",
                new Shape(
                        "offline",
                        "'offline'",
                        "Once, before the student learns: its likeliest tokens are kept on disk.",
                        List.of(
                                preset(
                                        "top",
                                        whole(1, 1 << 20),
                                        64L,
                                        "Tokens kept for each position."),
                                preset(
                                        "missing-mass",
                                        new KeyType.Choice(List.of("rest", "zero", "one-token")),
                                        "rest",
                                        "What becomes of the other tokens' probability: they are"
                                            + " one outcome (`rest`), they have none (`zero`), or"
                                            + " they are one outcome on which a temperature acts as"
                                            + " on a token (`one-token`, as DistillKit does)."),
                                preset(
                                        "precision",
                                        new KeyType.Choice(List.of("float16", "float32")),
                                        "float16",
                                        "Number format of the log-probabilities that are kept."),
                                optional(
                                        "store",
                                        new KeyType.Text("a directory"),
                                        "Where stores are kept and looked for, or a single store;"
                                                + " the stage's own folder when left out."))));
        return shapes;
    }
}
