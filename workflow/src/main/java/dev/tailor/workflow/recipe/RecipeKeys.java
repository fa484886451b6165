package dev.tailor.workflow.recipe;

import static dev.tailor.workflow.internal.keys.Key.optional;
import static dev.tailor.workflow.internal.keys.Key.preset;
import static dev.tailor.workflow.internal.keys.Key.required;
import static dev.tailor.workflow.recipe.CommonKeys.DATA;
import static dev.tailor.workflow.recipe.CommonKeys.MODEL;
import static dev.tailor.workflow.recipe.CommonKeys.NAME;
import static dev.tailor.workflow.recipe.CommonKeys.id;
import static dev.tailor.workflow.recipe.CommonKeys.seed;
import static dev.tailor.workflow.recipe.CommonKeys.whole;

import dev.tailor.data.Format;
import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;
import dev.tailor.workflow.internal.keys.Shape;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The table of the recipe's keys. It feeds the reader, `tailor schema` and the reference manual: a
/// key that is not here does not exist. Training keys stand in `TrainingKeys`.
final class RecipeKeys {
    static final Shape DATA_SET =
            new Shape(
                    "data-set",
                    "a data set",
                    "A set of files to learn from or to measure with.",
                    List.of(
                            required(
                                    "path",
                                    new KeyType.Items(
                                            new KeyType.Text("a file, a directory or a glob")),
                                    "One or more files, directories or globs"
                                            + " (`docs/**/*.{md,txt}`), relative to the recipe."),
                            optional(
                                    "kind",
                                    new KeyType.Choice(
                                            List.of("text", "chat", "preference", "unpaired")),
                                    "What the rows are; recognised from the files when left out."),
                            optional(
                                    "format",
                                    new KeyType.Choice(
                                            Arrays.stream(Format.values())
                                                    .map(Format::id)
                                                    .toList()),
                                    "How the rows are written; recognised when left out."),
                            preset(
                                    "columns",
                                    new KeyType.Entries(new KeyType.Text("a column")),
                                    Map.of(),
                                    "Columns that are called otherwise than the format calls them:"
                                            + " `prompt: query`."),
                            preset(
                                    "split",
                                    new KeyType.Choice(
                                            List.of("file", "paragraph", "line", "heading")),
                                    "file",
                                    "What one sample of text documents is."),
                            preset(
                                    "deduplicate",
                                    new KeyType.Flag(),
                                    false,
                                    "Leave out rows that are equal to an earlier one."),
                            optional(
                                    "hold-out",
                                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 0.9)),
                                    "Share of the rows put aside, to be used as data set"
                                            + " `NAME/holdout`."),
                            preset(
                                    "weight",
                                    new KeyType.Real(KeyType.Range.above(0)),
                                    1.0,
                                    "How often each row comes where several data sets are mixed."),
                            optional(
                                    "limit",
                                    new KeyType.Whole(1, Long.MAX_VALUE),
                                    "Use only this many rows, from the first on.")));

    static final Shape ARCHITECTURE =
            new Shape(
                    "architecture",
                    "an architecture",
                    "The shape of a new Llama-family decoder.",
                    List.of(
                            preset(
                                    "hidden-size",
                                    whole(8, 65536),
                                    256L,
                                    "Width of the residual stream."),
                            preset("layers", whole(1, 1024), 6L, "Number of decoder layers."),
                            preset("heads", whole(1, 1024), 8L, "Query heads of attention."),
                            Key.derived(
                                    "key-value-heads",
                                    whole(1, 1024),
                                    "as many as `heads`",
                                    values -> values.whole("heads"),
                                    "Key and value heads, shared by groups of query heads."),
                            Key.derived(
                                    "intermediate-size",
                                    whole(8, 1 << 20),
                                    "8/3 of `hidden-size`, rounded up to a multiple of 32",
                                    values -> (values.whole("hidden-size") * 8 / 3 + 31) / 32 * 32,
                                    "Width of the gated feed-forward layer."),
                            preset(
                                    "context",
                                    whole(16, 1 << 20),
                                    1024L,
                                    "The longest sequence, in tokens."),
                            preset(
                                    "rope-theta",
                                    new KeyType.Real(KeyType.Range.above(1)),
                                    10000.0,
                                    "Base of the rotary position embedding."),
                            preset(
                                    "tie-embeddings",
                                    new KeyType.Flag(),
                                    true,
                                    "Whether the output head is the embedding matrix."),
                            preset(
                                    "norm-epsilon",
                                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 0.1)),
                                    1e-5,
                                    "Added to the mean square in RMSNorm."),
                            preset(
                                    "initializer-range",
                                    new KeyType.Real(KeyType.Range.aboveUpTo(0, 1)),
                                    0.02,
                                    "Standard deviation of the fresh weights.")));

    static final Shape TOKENIZER =
            new Shape(
                    "tokenizer",
                    "a tokenizer",
                    "A new byte-level BPE tokenizer, trained on a data set.",
                    List.of(
                            required("data", new KeyType.Items(DATA), "What it is trained on."),
                            preset(
                                    "vocabulary",
                                    whole(300, 1 << 20),
                                    8192L,
                                    "Number of tokens, special ones included."),
                            preset(
                                    "chat-template",
                                    new KeyType.Text("`chatml` or a Jinja file"),
                                    "chatml",
                                    "The chat template: a built-in one or a file.")));

    static final Shape INIT =
            new Shape(
                    "init",
                    "an init stage",
                    "Makes a new model with random weights, to be pre-trained from scratch.",
                    List.of(
                            id(),
                            preset(
                                    "architecture",
                                    new KeyType.Nested(ARCHITECTURE),
                                    Map.of(),
                                    "The shape of the model."),
                            optional(
                                    "tokenizer",
                                    new KeyType.Nested(TOKENIZER),
                                    "A tokenizer to train."),
                            optional(
                                    "tokenizer-from",
                                    MODEL,
                                    "A model whose tokenizer is taken instead."),
                            seed()));

    static final Shape MERGE =
            new Shape(
                    "merge",
                    "a merge stage",
                    "Merges models by a method of mergekit's, or by a mergekit file as it is.",
                    List.of(
                            id(),
                            optional(
                                    "file",
                                    new KeyType.Text("a mergekit YAML file"),
                                    "The whole merge, or several that build on one another; no"
                                            + " other key but `id` and `seed` beside it."),
                            optional(
                                    "method",
                                    new KeyType.Text("a merge method"),
                                    "linear, slerp, task_arithmetic, ties, ..."),
                            optional("base", MODEL, "The model that task vectors are taken from."),
                            optional(
                                    "models",
                                    new KeyType.Free("a list of `{model, parameters}`"),
                                    "The models to merge, with their own parameters."),
                            optional(
                                    "slices",
                                    new KeyType.Free("a list of slices"),
                                    "Ranges of layers to assemble."),
                            optional(
                                    "modules",
                                    new KeyType.Free("a mapping"),
                                    "The parts of a model of several (text, vision), each with"
                                            + " `models` or `slices`."),
                            optional(
                                    "parameters",
                                    new KeyType.Free("a mapping"),
                                    "Parameters that hold for all models."),
                            optional(
                                    "dtype",
                                    new KeyType.Text("a dtype"),
                                    "Number format to merge in."),
                            optional(
                                    "out-dtype",
                                    new KeyType.Text("a dtype"),
                                    "Number format of the result."),
                            optional(
                                    "tokenizer-source",
                                    new KeyType.Text("`base`, `union` or a model"),
                                    "Which tokenizer the result has."),
                            optional(
                                    "tokenizer",
                                    new KeyType.Free("a mapping"),
                                    "mergekit's longer form of `tokenizer-source`."),
                            optional(
                                    "chat-template",
                                    new KeyType.Text("a template"),
                                    "The chat template of the result."),
                            seed()));

    static final Shape EVAL =
            new Shape(
                    "eval",
                    "an eval stage",
                    "Measures models by tasks and puts them on one board.",
                    List.of(
                            id(),
                            required("models", new KeyType.Items(MODEL), "The models to measure."),
                            required(
                                    "tasks",
                                    new KeyType.Items(new KeyType.Text("a task")),
                                    "A data set's name (questions for chat data, perplexity for"
                                        + " text, accuracy for preferences) or `perplexity:NAME`."),
                            optional(
                                    "base",
                                    MODEL,
                                    "The model that differences are taken to; the first when left"
                                            + " out."),
                            optional(
                                    "limit",
                                    new KeyType.Whole(1, Long.MAX_VALUE),
                                    "At most this many samples of each task."),
                            optional(
                                    "max-tokens",
                                    whole(1, 1 << 20),
                                    "The longest answer, in tokens; what the expected answers need"
                                            + " when left out.")));

    static final Shape GATE =
            new Shape(
                    "gate",
                    "a gate",
                    "Ends the run with exit code 4 unless a model is good enough.",
                    List.of(
                            id(),
                            required("on", MODEL, "The model that must be good enough."),
                            required(
                                    "require",
                                    new KeyType.Entries(new KeyType.Text("a requirement")),
                                    "`task.metric: \">= base + 0.2\"`: a comparison (`>=`, `<=`,"
                                        + " `>`, `<`) with a number, or with another model's figure"
                                        + " plus or minus a number. `significantly` behind it asks"
                                        + " that chance be ruled out; `and` joins several."),
                            optional(
                                    "release",
                                    new KeyType.Text("a folder"),
                                    "Results of the released model, which requirements call"
                                        + " `release`: a folder with an evaluation.json, as `tailor"
                                        + " eval --out` and eval stages write it.")));

    static final Shape EXPORT =
            new Shape(
                    "export",
                    "an export stage",
                    "Writes a model for llama.cpp and Ollama.",
                    List.of(
                            id(),
                            required("from", MODEL, "The model to export."),
                            preset(
                                    "gguf",
                                    new KeyType.Text("a GGUF type"),
                                    "q8_0",
                                    "f32, f16, bf16, q8_0, q6_k, q5_k_m, q5_k_s, q5_1, q5_0,"
                                            + " q4_k_m, q4_k_s or q4_0."),
                            preset(
                                    "ollama",
                                    new KeyType.Flag(),
                                    true,
                                    "Whether to write a Modelfile beside it.")));

    static final Shape ROOT =
            new Shape(
                    "recipe",
                    "the recipe",
                    "A tailoring recipe: models, data, and the stages that lead from one to the"
                            + " next.",
                    List.of(
                            preset("tailor", whole(1, 1), 1L, "Version of the recipe's language."),
                            optional(
                                    "name",
                                    NAME,
                                    "Name of the run; the file's name when left out."),
                            preset(
                                    "seed",
                                    new KeyType.Whole(0, Long.MAX_VALUE),
                                    42L,
                                    "Root of all randomness."),
                            optional("base", MODEL, "The model that stages call `base`."),
                            preset(
                                    "data",
                                    new KeyType.Entries(new KeyType.Nested(DATA_SET)),
                                    Map.of(),
                                    "The data sets, by name."),
                            required(
                                    "stages",
                                    new KeyType.Free("a list of stages"),
                                    "What to do, in order.")));

    /// Every kind of stage with its keys.
    static final Map<String, Shape> STAGES = stages();

    private RecipeKeys() {}

    private static Map<String, Shape> stages() {
        Map<String, Shape> stages = new LinkedHashMap<>();
        stages.put("init", INIT);
        stages.put("cpt", TrainingKeys.CPT);
        stages.put("sft", TrainingKeys.SFT);
        stages.put("dpo", TrainingKeys.DPO);
        stages.put("kto", TrainingKeys.KTO);
        stages.put("distill", TrainingKeys.DISTILL);
        stages.put("merge", MERGE);
        stages.put("eval", EVAL);
        stages.put("gate", GATE);
        stages.put("export", EXPORT);
        return stages;
    }
}
