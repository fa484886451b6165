package dev.tailor.merge;

import static dev.tailor.merge.ParameterSpec.Kind.COUNT;
import static dev.tailor.merge.ParameterSpec.Kind.FRACTION;
import static dev.tailor.merge.ParameterSpec.Kind.NUMBER;
import static dev.tailor.merge.ParameterSpec.Kind.POSITIVE;
import static dev.tailor.merge.ParameterSpec.Scope.MERGE;
import static dev.tailor.merge.ParameterSpec.Scope.MODEL;
import static dev.tailor.merge.ParameterSpec.flag;
import static dev.tailor.merge.ParameterSpec.optional;
import static dev.tailor.merge.ParameterSpec.required;
import static dev.tailor.merge.Requirements.BaseRole.ONE_OF_THE_MODELS;
import static dev.tailor.merge.Requirements.BaseRole.OPTIONAL_ORIGIN;
import static dev.tailor.merge.Requirements.BaseRole.ORIGIN;
import static dev.tailor.merge.Requirements.BaseRole.UNUSED;
import static dev.tailor.merge.Requirements.MANY;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The ways to merge models, with what each asks for, as data: reading a configuration, a dry run,
/// the documentation and the help all come from here. Names and parameters are mergekit's.
///
/// To add a method: a constant here; then the compiler names the places that must know it
/// (`Operations` gives it its operation, `TileOperation` its arithmetic).
public enum MergeMethod {
    /// A weighted mean of the models.
    LINEAR(
            "linear",
            "weighted mean of the models",
            "Wortsman et al. 2022, Model soups, arXiv 2203.05482",
            new Requirements(1, MANY, UNUSED),
            1,
            required("weight", MODEL, NUMBER),
            flag("normalize", true)),

    /// Interpolation of two models on the arc between them: `t` = 0 is the base, 1 the other one.
    SLERP(
            "slerp",
            "two models, interpolated on the arc between them",
            "Shoemake 1985, Animating rotation with quaternion curves",
            new Requirements(1, 2, ONE_OF_THE_MODELS),
            2,
            required("t", MERGE, NUMBER)),

    /// Slerp with a weight per model, of whole tensors, rows or columns, also of task vectors.
    NUSLERP(
            "nuslerp",
            "slerp with weights, of tensors, rows or columns, also of task vectors",
            "mergekit",
            new Requirements(2, 2, OPTIONAL_ORIGIN),
            2,
            required("weight", MODEL, NUMBER),
            flag("nuslerp_flatten", true),
            flag("nuslerp_row_wise", false)),

    /// The weighted mean of any number of models on the sphere, by one step in its tangent space.
    MULTISLERP(
            "multislerp",
            "weighted mean of any number of models on the sphere",
            "Goddard 2025, Multi-slerp",
            new Requirements(1, MANY, OPTIONAL_ORIGIN),
            2,
            required("weight", MODEL, NUMBER),
            flag("normalize_weights", true),
            optional("eps", MERGE, POSITIVE, 1e-8)),

    /// The Riemannian mean of the models' directions, equally weighted.
    KARCHER(
            "karcher",
            "Riemannian mean of the models' directions, equally weighted",
            "Karcher 1977; arXiv 2603.04972",
            new Requirements(1, MANY, UNUSED),
            2,
            optional("max_iter", MERGE, COUNT, 10),
            optional("tol", MERGE, POSITIVE, 1e-5)),

    /// The base plus a weighted sum of the models' differences to it.
    TASK_ARITHMETIC(
            "task_arithmetic",
            "the base plus weighted task vectors",
            "Ilharco et al. 2023, arXiv 2212.04089",
            new Requirements(1, MANY, ORIGIN),
            1,
            required("weight", MODEL, NUMBER),
            flag("normalize", false),
            optional("lambda", MERGE, NUMBER, 1)),

    /// Task vectors cut to their largest elements, those kept whose sign the majority has.
    TIES(
            "ties",
            "task vectors cut to their largest elements, of the sign the majority has",
            "Yadav et al. 2023, arXiv 2306.01708",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(true, false)),

    /// Task vectors of which random elements are dropped and the rest is scaled up.
    DARE_LINEAR(
            "dare_linear",
            "task vectors thinned at random, added",
            "Yu et al. 2024, arXiv 2311.03099",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(false, true)),

    /// The same, with the sign the majority has.
    DARE_TIES(
            "dare_ties",
            "task vectors thinned at random, of the sign the majority has",
            "Yu et al. 2024, arXiv 2311.03099; Yadav et al. 2023",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(false, true)),

    /// Task vectors thinned at random, large elements of a row kept more often; majority sign.
    DELLA(
            "della",
            "task vectors thinned at random by rank in their row, of the sign the majority has",
            "Deep et al. 2024, arXiv 2406.11617",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(true, true, optional("epsilon", MODEL, NUMBER, 0.15))),

    /// The same without the election of signs.
    DELLA_LINEAR(
            "della_linear",
            "task vectors thinned at random by rank in their row, added",
            "Deep et al. 2024, arXiv 2406.11617",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(false, true, optional("epsilon", MODEL, NUMBER, 0.15))),

    /// Task vectors without their largest and their smallest elements.
    BREADCRUMBS(
            "breadcrumbs",
            "task vectors without their largest and smallest elements, added",
            "Davari and Belilovsky 2023, arXiv 2312.06795",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(false, false, optional("gamma", MODEL, FRACTION, 0.01))),

    /// The same, with the sign the majority has.
    BREADCRUMBS_TIES(
            "breadcrumbs_ties",
            "task vectors without their largest and smallest elements, of the sign the majority"
                    + " has",
            "Davari and Belilovsky 2023, arXiv 2312.06795; Yadav et al. 2023",
            new Requirements(1, MANY, ORIGIN),
            2,
            thinning(false, false, optional("gamma", MODEL, FRACTION, 0.01))),

    /// Between the base and the mean of the models, as far as their angles say.
    MODEL_STOCK(
            "model_stock",
            "between base and mean of the models, as far as the angles between them say",
            "Jang et al. 2024, arXiv 2403.19522",
            new Requirements(2, MANY, ORIGIN),
            2,
            flag("filter_wise", false)),

    /// The base, with the other model's values where they matter most.
    ARCEE_FUSION(
            "arcee_fusion",
            "the base, with the other model's values where they matter most",
            "Arcee AI 2025",
            new Requirements(2, 2, ONE_OF_THE_MODELS),
            3),

    /// Task vectors, chosen where they vary most, weighted by their energy, majority sign.
    SCE(
            "sce",
            "task vectors: select where they vary, calculate weights from energy, erase minority"
                    + " signs",
            "Wan et al. 2024, FuseChat, arXiv 2408.07990",
            new Requirements(1, MANY, ORIGIN),
            4,
            optional("select_topk", MERGE, FRACTION, 1)),

    /// Task vectors, averaged where several models changed, whole where one did.
    RAM(
            "ram",
            "task vectors, averaged where several models changed, whole where one did",
            "arXiv 2601.13572",
            new Requirements(1, MANY, ORIGIN),
            1,
            optional("epsilon", MERGE, POSITIVE, 1e-5)),

    /// The same, with what only one model changed scaled up.
    RAMPLUS_TL(
            "ramplus_tl",
            "ram, with what only one model changed scaled up",
            "arXiv 2601.13572",
            new Requirements(1, MANY, ORIGIN),
            2,
            optional("r", MERGE, NUMBER, 0.1),
            optional("alpha", MERGE, NUMBER, 0.2),
            optional("epsilon", MERGE, POSITIVE, 1e-5)),

    /// The base, drawn to the other model where the two are near.
    NEARSWAP(
            "nearswap",
            "the base, drawn to the other model where the two are near",
            "QuartetAnemoi",
            new Requirements(2, 2, ONE_OF_THE_MODELS),
            1,
            required("t", MERGE, NUMBER)),

    /// The tensors of one model as they are, or scaled: for putting layers together.
    PASSTHROUGH(
            "passthrough",
            "the tensors of one model, as they are or scaled: for putting layers together",
            "-",
            new Requirements(1, 1, UNUSED),
            1,
            optional("scale", MODEL, NUMBER, 1));

    private final String key;
    private final String summary;
    private final String source;
    private final Requirements requirements;
    private final int passes;
    private final List<ParameterSpec> parameters;

    /// The parameters of a weighted sum of thinned task vectors.
    ///
    /// @param own what the way of thinning takes beside a density
    private static ParameterSpec[] thinning(
            boolean normalize, boolean rescale, ParameterSpec... own) {
        List<ParameterSpec> parameters = new ArrayList<>();
        parameters.add(required("weight", MODEL, NUMBER));
        parameters.add(optional("density", MODEL, FRACTION, 1));
        parameters.addAll(List.of(own));
        parameters.add(flag("normalize", normalize));
        parameters.add(flag("rescale", rescale));
        parameters.add(optional("lambda", MERGE, NUMBER, 1));
        return parameters.toArray(ParameterSpec[]::new);
    }

    MergeMethod(
            String key,
            String summary,
            String source,
            Requirements requirements,
            int passes,
            ParameterSpec... parameters) {
        this.key = key;
        this.summary = summary;
        this.source = source;
        this.requirements = requirements;
        this.passes = passes;
        this.parameters = List.of(parameters);
    }

    /// The name in the YAML.
    public String key() {
        return key;
    }

    /// What it does, in a few words.
    public String summary() {
        return summary;
    }

    /// Where it is described.
    public String source() {
        return source;
    }

    /// Where it is described, in brackets after a space; empty for what needs no description.
    public String citation() {
        return source.equals("-") ? "" : " (" + source + ")";
    }

    /// What it asks of the models.
    public Requirements requirements() {
        return requirements;
    }

    /// How often it reads the models, at most.
    public int passes() {
        return passes;
    }

    /// The parameters it takes.
    public List<ParameterSpec> parameters() {
        return parameters;
    }

    /// The parameter of that name, if it takes one.
    public Optional<ParameterSpec> parameter(String name) {
        return parameters.stream().filter(spec -> spec.name().equals(name)).findFirst();
    }

    /// The method of that name, if there is one.
    public static Optional<MergeMethod> find(String key) {
        return Arrays.stream(values()).filter(method -> method.key.equals(key)).findFirst();
    }
}
