package dev.tailor.workflow.recipe;

import static dev.tailor.workflow.internal.keys.Key.derived;
import static dev.tailor.workflow.internal.keys.Key.optional;
import static dev.tailor.workflow.internal.keys.Key.preset;
import static dev.tailor.workflow.internal.keys.Key.required;
import static dev.tailor.workflow.recipe.CommonKeys.DATA;
import static dev.tailor.workflow.recipe.CommonKeys.MODEL;
import static dev.tailor.workflow.recipe.CommonKeys.id;
import static dev.tailor.workflow.recipe.CommonKeys.seed;
import static dev.tailor.workflow.recipe.CommonKeys.whole;

import dev.tailor.text.TrainOn;
import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;
import dev.tailor.workflow.internal.keys.Shape;
import dev.tailor.workflow.internal.keys.Values;
import dev.tailor.workflow.internal.keys.YamlWriter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The table of the keys of stages that train.
final class TrainingKeys {
    private static final KeyType SHARE = new KeyType.Real(KeyType.Range.closed(0, 1));

    private static final KeyType BETA = new KeyType.Real(KeyType.Range.fromBelow(0, 1));

    /// Keys of an adapter, whatever the weights under it are kept in.
    private static final List<Key> ADAPTER =
            List.of(
                    preset("rank", whole(1, 65536), 16L, "Rank of the update."),
                    derived(
                            "alpha",
                            new KeyType.Real(KeyType.Range.above(0)),
                            "twice `rank`",
                            values -> 2.0 * values.whole("rank"),
                            "The update is scaled by alpha / rank."),
                    preset(
                            "dropout",
                            new KeyType.Real(KeyType.Range.fromBelow(0, 1)),
                            0.0,
                            "Share of the adapter's inputs dropped during training."),
                    preset(
                            "rs-lora",
                            new KeyType.Flag(),
                            false,
                            "Scale by alpha / √rank instead (arXiv 2312.03732)."),
                    preset(
                            "targets",
                            new KeyType.Items(new KeyType.Text("a module name")),
                            List.of("all-linear"),
                            "Modules that get an adapter: `all-linear`, or names such as"
                                    + " `q_proj`; `embed_tokens` is one too."),
                    optional(
                            "targets-matching",
                            new KeyType.Text("a regular expression"),
                            "Modules whose whole name matches, instead of `targets`."),
                    optional(
                            "rank-pattern",
                            new KeyType.Entries(whole(1, 65536)),
                            "Other ranks for some modules, by name."),
                    optional(
                            "alpha-pattern",
                            new KeyType.Entries(new KeyType.Real(KeyType.Range.above(0))),
                            "Other alphas for some modules, by name."),
                    optional(
                            "continue-from",
                            new KeyType.Text("a PEFT directory"),
                            "An adapter to go on from, instead of a fresh one."),
                    preset(
                            "dora",
                            new KeyType.Flag(),
                            false,
                            "Learn a magnitude for each output beside the direction (DoRA,"
                                    + " arXiv 2402.09353)."),
                    preset(
                            "init",
                            new KeyType.Choice(List.of("zero", "pissa")),
                            "zero",
                            "`pissa` starts from the weights' principal components (arXiv"
                                    + " 2404.02948); its adapter is written with twice the"
                                    + " rank, for the base as it was."),
                    preset(
                            "b-learning-rate-ratio",
                            new KeyType.Real(KeyType.Range.atLeast(1)),
                            1.0,
                            "How many times faster the matrices B learn (LoRA+, arXiv"
                                    + " 2402.12354; 16 there)."),
                    optional(
                            "modules-to-save",
                            new KeyType.Items(new KeyType.Text("a module name")),
                            "Modules that learn in full beside the adapter, by the end of"
                                    + " their names, such as `embed_tokens`, `lm_head`."));

    static final Shape LORA =
            new Shape(
                    "lora",
                    "'lora'",
                    "A low-rank adapter learns, the model's own weights stay (LoRA, arXiv"
                        + " 2106.09685). The stage's result is the fused model; the adapter lies in"
                        + " its folder `adapter`.",
                    ADAPTER);

    static final Shape QLORA =
            new Shape(
                    "qlora",
                    "'qlora'",
                    "A low-rank adapter on weights kept in 4 bits (QLoRA, arXiv 2305.14314): NF4"
                            + " in blocks of 64; embedding, norms and head stay as they are. The"
                            + " result is fused into the original weights, in their own type.",
                    Stream.concat(
                                    ADAPTER.stream(),
                                    Stream.of(
                                            preset(
                                                    "double-quantisation",
                                                    new KeyType.Flag(),
                                                    true,
                                                    "Quantise the blocks' magnitudes too: 4.13"
                                                            + " bits a weight instead of 4.5.")))
                            .toList());

    static final Shape SPECTRUM =
            new Shape(
                    "spectrum",
                    "'spectrum'",
                    "The layers with the highest signal-to-noise ratio learn, the others stay"
                            + " (Spectrum, arXiv 2406.06623).",
                    List.of(
                            preset(
                                    "top",
                                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 100)),
                                    25.0,
                                    "Percentage of the layers of each type that learn."),
                            optional(
                                    "file",
                                    new KeyType.Text("a YAML file"),
                                    "A selection made before (`tailor spectrum`), instead of a"
                                            + " scan."),
                            optional(
                                    "types",
                                    new KeyType.Items(new KeyType.Text("a type of layer")),
                                    "Types of layers to choose from, such as `mlp.down_proj`; all"
                                            + " when left out.")));

    private static final Shape FULL =
            new Shape(
                    "full",
                    "'full'",
                    "Every weight learns.",
                    List.of(
                            optional(
                                    "freeze",
                                    new KeyType.Items(new KeyType.Text("a regular expression")),
                                    "Weights that stay: those whose name one of these is found"
                                            + " in.")));

    private static final Map<String, Shape> TUNINGS = shapes(FULL, LORA, QLORA, SPECTRUM);

    private static final Key FLOOR =
            preset("minimum", SHARE, 0.0, "Where the rate ends, as a share of its peak.");

    static final Shape SAMPLES =
            new Shape(
                    "samples",
                    "'samples'",
                    "Prompts that the model answers while it learns, the likeliest token each time:"
                            + " in the terminal, in the run's `samples.jsonl` and in its report."
                            + " What is learnt stays the same.",
                    List.of(
                            optional(
                                    "prompts",
                                    new KeyType.Items(new KeyType.Text("a prompt")),
                                    "What is asked."),
                            optional(
                                    "file",
                                    new KeyType.Text("a text file"),
                                    "More prompts, one a line."),
                            optional(
                                    "as",
                                    new KeyType.Choice(List.of("text", "chat")),
                                    "`text` is continued as it is, which is usual for `cpt`; `chat`"
                                            + " stands in the chat template, which is usual for"
                                            + " all other stages."),
                            preset(
                                    "every",
                                    whole(1, Integer.MAX_VALUE),
                                    100L,
                                    "Steps between answers; there are some before the first step"
                                            + " and after the last too."),
                            preset(
                                    "max-tokens",
                                    whole(1, 65536),
                                    64L,
                                    "Tokens of an answer at most.")));

    private static final Map<String, Shape> SCHEDULES =
            shapes(
                    new Shape(
                            "cosine",
                            "'cosine'",
                            "Falls along half a cosine wave.",
                            List.of(FLOOR)),
                    new Shape("linear", "'linear'", "Falls in a straight line to 0.", List.of()),
                    new Shape("constant", "'constant'", "Stays at its peak.", List.of()),
                    new Shape(
                            "warmup-stable-decay",
                            "'warmup-stable-decay'",
                            "Stays at its peak, then falls in a straight line.",
                            List.of(
                                    preset(
                                            "decay",
                                            SHARE,
                                            0.2,
                                            "Share of the steps that the fall takes."),
                                    FLOOR)),
                    new Shape(
                            "polynomial",
                            "'polynomial'",
                            "Falls with a power of what is left of the run.",
                            List.of(
                                    preset(
                                            "power",
                                            new KeyType.Real(KeyType.Range.above(0)),
                                            2.0,
                                            "The power; 1 is a straight line."),
                                    FLOOR)),
                    new Shape(
                            "inverse-square-root",
                            "'inverse-square-root'",
                            "Falls with the inverse square root of the steps, however long the run"
                                    + " is.",
                            List.of(
                                    optional(
                                            "timescale",
                                            whole(1, Long.MAX_VALUE),
                                            "Steps after warm-up until the rate is 0.71 of its"
                                                    + " peak; the steps of warm-up when left out,"
                                                    + " or 10,000 without any."))));

    private static final Map<String, Shape> OPTIMIZERS =
            shapes(
                    new Shape("adamw", "'adamw'", "AdamW (arXiv 1711.05101).", List.of()),
                    new Shape(
                            "adamw-8bit",
                            "'adamw-8bit'",
                            "AdamW with moments of 8 bits a value (arXiv 2110.02861).",
                            List.of()),
                    new Shape(
                            "lion",
                            "'lion'",
                            "Steps along signs, one average to remember (arXiv 2302.06675). Wants"
                                    + " about a tenth of AdamW's learning rate.",
                            List.of(
                                    preset(
                                            "beta1",
                                            BETA,
                                            0.9,
                                            "Share of the average in the direction of a step."),
                                    preset("beta2", BETA, 0.99, "Memory of the average."))),
                    new Shape(
                            "adafactor",
                            "'adafactor'",
                            "Remembers means of rows and columns only (arXiv 1804.04235).",
                            List.of()),
                    new Shape(
                            "muon",
                            "'muon'",
                            "Orthogonal momentum for the matrices between embedding and head, AdamW"
                                    + " for the rest (arXiv 2502.16982).",
                            List.of(preset("momentum", BETA, 0.95, "Memory of the momentum."))),
                    new Shape(
                            "schedule-free-adamw",
                            "'schedule-free-adamw'",
                            "AdamW whose result is an average of its way (arXiv 2405.15682). Goes"
                                    + " with `schedule: constant` and warm-up.",
                            List.of()));

    private static final Map<String, Shape> GUARDS =
            shapes(
                    new Shape(
                            "off",
                            "'off'",
                            "A loss that is no number ends the stage and names the step.",
                            List.of()),
                    new Shape(
                            "skip",
                            "'skip'",
                            "Goes back to an earlier state and on with the data after the bad"
                                    + " step.",
                            List.of(
                                    preset(
                                            "spike",
                                            new KeyType.Real(KeyType.Range.above(1)),
                                            3.0,
                                            "A loss above so many times the median of the last 64"
                                                    + " is bad, like one that is no number."),
                                    preset(
                                            "every",
                                            whole(1, Integer.MAX_VALUE),
                                            100L,
                                            "Steps between the states that can be gone back to."),
                                    preset(
                                            "returns",
                                            whole(1, Integer.MAX_VALUE),
                                            3L,
                                            "How often to go back before the stage ends with an"
                                                    + " error."))));

    static final Shape CPT =
            new Shape(
                    "cpt",
                    "a cpt stage",
                    "Continued pre-training (or pre-training, from an `init` stage) on text:"
                            + " predicts every token.",
                    keys("full", 1.0, 5e-5, 2e-4, pack(), shots(), layouts()));

    static final Shape SFT =
            new Shape(
                    "sft",
                    "an sft stage",
                    "Supervised fine-tuning on conversations: predicts the assistant's answers.",
                    keys("lora", 3.0, 2e-5, 2e-4, pack(), trainOn("What is learnt")));

    static final Shape DPO =
            new Shape(
                    "dpo",
                    "a dpo stage",
                    "Preference optimisation (DPO, arXiv 2305.18290, and its relatives, ORPO, CPO"
                            + " and SimPO among them): prefers the chosen answers to the rejected"
                            + " ones.",
                    keys("lora", 1.0, 1e-6, 1e-5, PreferenceKeys.pairs()));

    static final Shape KTO =
            new Shape(
                    "kto",
                    "a kto stage",
                    "Preference optimisation on single answers marked as wanted or unwanted (KTO,"
                            + " arXiv 2402.01306); a pair counts as one of each.",
                    keys("lora", 1.0, 1e-6, 1e-5, PreferenceKeys.answers()));

    static final Shape DISTILL =
            new Shape(
                    "distill",
                    "a distill stage",
                    "Distillation: learns text and conversations from what a teacher model thinks"
                            + " of every token.",
                    keys("lora", 3.0, 2e-5, 2e-4, distillation()));

    private TrainingKeys() {}

    private static Key shots() {
        return preset(
                "shots",
                whole(1, 64),
                3L,
                "Texts with questions and answers (format `augmented`) of one source that stand one"
                        + " after another in a sequence, at most (instruction pre-training, arXiv"
                        + " 2406.14491).");
    }

    private static Key layouts() {
        return preset(
                "layouts",
                new KeyType.Choice(List.of("varied", "plain")),
                "varied",
                "How such texts are laid out: each sequence in a way drawn by the seed, or all in"
                        + " the plainest.");
    }

    private static Key[] distillation() {
        return Stream.concat(
                        Stream.of(DistillationKeys.all()),
                        Stream.of(pack(), trainOn("What is learnt of conversations")))
                .toArray(Key[]::new);
    }

    private static Key trainOn(String what) {
        return preset(
                "train-on",
                new KeyType.Choice(TrainOn.words()),
                "assistant",
                what + ": every assistant turn, only the last one, or all text.");
    }

    private static Key pack() {
        return preset(
                "pack",
                new KeyType.Flag(),
                true,
                "Whether a row holds several short samples, none of which sees another.");
    }

    private static List<Key> keys(
            String tuning, double epochs, double fullRate, double loraRate, Key... own) {
        List<Key> first =
                List.of(
                        id(),
                        required("from", MODEL, "The model to start from."),
                        required(
                                "data",
                                new KeyType.Items(DATA),
                                "What to learn from; several data sets are mixed by their"
                                        + " weights."),
                        optional("evaluation", DATA, "Held-out data, measured during training."),
                        preset(
                                "tune",
                                new KeyType.Variants(TUNINGS),
                                tuning,
                                "Which weights learn."));
        List<Key> rest =
                List.of(
                        preset(
                                "sequence-length",
                                whole(8, 1 << 22),
                                512L,
                                "Tokens of a row at most."),
                        preset(
                                "epochs",
                                new KeyType.Real(KeyType.Range.above(0)),
                                epochs,
                                "Passes over the data."),
                        optional(
                                "max-steps",
                                whole(1, Long.MAX_VALUE),
                                "Stop after this many steps, whatever `epochs` says."),
                        preset("batch-size", whole(1, 65536), 8L, "Rows in one pass of the model."),
                        preset(
                                "gradient-accumulation",
                                whole(1, 65536),
                                1L,
                                "Passes whose gradients make one step."),
                        derived(
                                "learning-rate",
                                new KeyType.Real(KeyType.Range.above(0)),
                                "%s with lora or qlora, else %s"
                                        .formatted(
                                                YamlWriter.number(loraRate),
                                                YamlWriter.number(fullRate)),
                                values -> rate(values, fullRate, loraRate),
                                "Peak learning rate."),
                        preset(
                                "schedule",
                                new KeyType.Variants(SCHEDULES),
                                "cosine",
                                "How the learning rate moves after warm-up."),
                        preset(
                                "warmup-ratio",
                                new KeyType.Real(KeyType.Range.fromBelow(0, 1)),
                                0.03,
                                "Share of the steps in which the rate rises from 0 to its peak."),
                        optional(
                                "warmup-steps",
                                whole(1, Long.MAX_VALUE),
                                "The same as a number of steps, instead of `warmup-ratio`."),
                        preset(
                                "optimizer",
                                new KeyType.Variants(OPTIMIZERS),
                                "adamw",
                                "The rule that turns gradients into updates; `adam-...` keys belong"
                                        + " to every rule with AdamW in it."),
                        preset(
                                "weight-decay",
                                new KeyType.Real(KeyType.Range.atLeast(0)),
                                0.0,
                                "Decoupled weight decay; norms and biases have none."),
                        preset("adam-beta1", BETA, 0.9, "Memory of AdamW's mean of gradients."),
                        preset(
                                "adam-beta2",
                                BETA,
                                0.999,
                                "Memory of AdamW's mean of their squares."),
                        preset(
                                "adam-epsilon",
                                new KeyType.Real(KeyType.Range.above(0)),
                                1e-8,
                                "Added to AdamW's denominator."),
                        preset(
                                "max-grad-norm",
                                new KeyType.Real(KeyType.Range.atLeast(0)),
                                1.0,
                                "Longer gradients are shortened to this length; 0: never."),
                        preset(
                                "precision",
                                new KeyType.Choice(List.of("float32", "bfloat16")),
                                "float32",
                                "Number format of weights and activations."),
                        preset(
                                "activations",
                                new KeyType.Choice(List.of("keep", "recompute")),
                                "keep",
                                "Keep what the way back needs (fast) or compute it again (lean)."),
                        preset(
                                "evaluation-every",
                                whole(0, Integer.MAX_VALUE),
                                0L,
                                "Steps between measurements on held-out data; 0: before the first"
                                        + " and after the last step only."),
                        preset(
                                "keep-best",
                                new KeyType.Flag(),
                                false,
                                "Whether the result is the step whose loss on held-out data was"
                                        + " lowest, not the last one."),
                        preset(
                                "early-stopping",
                                whole(0, Integer.MAX_VALUE),
                                0L,
                                "End after so many measurements that were no better than the best,"
                                        + " and keep the best step; 0: never."),
                        preset(
                                "ema-decay",
                                new KeyType.Real(KeyType.Range.fromBelow(0, 1)),
                                0.0,
                                "The result is a moving average of the weights that keeps this"
                                        + " share of itself at every step; 0: no average."),
                        preset(
                                "neftune-alpha",
                                new KeyType.Real(KeyType.Range.atLeast(0)),
                                0.0,
                                "Noise on embedded tokens while learning (arXiv 2310.05914), often"
                                        + " 5; 0: none."),
                        preset(
                                "order",
                                new KeyType.Choice(
                                        List.of("shuffled", "length-grouped", "short-first")),
                                "shuffled",
                                "Order of the rows: shuffled, shuffled with rows of similar length"
                                        + " together, or from short to long in the first epoch. For"
                                        + " rows of one sample (`pack: false`)."),
                        preset(
                                "loss-guard",
                                new KeyType.Variants(GUARDS),
                                "off",
                                "What to do about a loss that is no number or far too high."),
                        optional(
                                "samples",
                                new KeyType.Nested(SAMPLES),
                                "Prompts that are answered while it learns."),
                        preset(
                                "checkpoint-every",
                                whole(0, Integer.MAX_VALUE),
                                0L,
                                "Steps between checkpoints; 0: by time only."),
                        preset(
                                "checkpoint-minutes",
                                new KeyType.Real(KeyType.Range.atLeast(0)),
                                2.0,
                                "Minutes between checkpoints; 0: by steps only."),
                        seed());
        return Stream.of(first, List.of(own), rest).flatMap(List::stream).toList();
    }

    private static Double rate(Values values, double full, double lora) {
        return List.of("lora", "qlora").contains(values.variant("tune").name()) ? lora : full;
    }

    private static Map<String, Shape> shapes(Shape... shapes) {
        Map<String, Shape> byName = new LinkedHashMap<>();
        for (Shape shape : new ArrayList<>(List.of(shapes))) {
            byName.put(shape.id(), shape);
        }
        return byName;
    }
}
