package dev.tailor.merge;

import static dev.tailor.merge.ParameterSpec.Kind.FLAG;
import static dev.tailor.merge.ParameterSpec.Kind.FRACTION;
import static dev.tailor.merge.ParameterSpec.Kind.NUMBER;
import static dev.tailor.merge.ParameterSpec.Scope.MERGE;
import static dev.tailor.merge.ParameterSpec.Scope.MODEL;

import dev.tailor.merge.Requirements.BaseRole;

import java.util.List;
import java.util.Optional;

/// The ways to merge models, with what each asks for. The names and parameters are mergekit's.
///
/// To add a method: a record here, listed in [#all()]; then the compiler names the places that must
/// know it ([dev.tailor.merge.internal.plan.Operations] gives it its operation).
public sealed interface MergeMethod {
    /// The name in the YAML.
    String name();

    /// What it asks of the models.
    Requirements requirements();

    /// The parameters it takes.
    List<ParameterSpec> parameters();

    /// Every method.
    static List<MergeMethod> all() {
        return List.of(
                new Linear(), new Slerp(), new TaskArithmetic(), new Ties(), new Passthrough());
    }

    /// The method of that name, if there is one.
    static Optional<MergeMethod> find(String name) {
        return all().stream().filter(method -> method.name().equals(name)).findFirst();
    }

    /// A weighted mean of the models (Wortsman et al. 2022, "Model soups").
    record Linear() implements MergeMethod {
        @Override
        public String name() {
            return "linear";
        }

        @Override
        public Requirements requirements() {
            return new Requirements(1, Integer.MAX_VALUE, BaseRole.UNUSED);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    ParameterSpec.required("weight", MODEL, NUMBER),
                    ParameterSpec.flag("normalize", true));
        }
    }

    /// Spherical interpolation between two models: `t` = 0 is the base, 1 the other one.
    record Slerp() implements MergeMethod {
        @Override
        public String name() {
            return "slerp";
        }

        @Override
        public Requirements requirements() {
            return new Requirements(1, 2, BaseRole.ONE_OF_THE_MODELS);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(ParameterSpec.required("t", MERGE, NUMBER));
        }
    }

    /// The base plus a weighted sum of the models' differences to it (Ilharco et al. 2023, "Editing
    /// models with task arithmetic").
    record TaskArithmetic() implements MergeMethod {
        @Override
        public String name() {
            return "task_arithmetic";
        }

        @Override
        public Requirements requirements() {
            return new Requirements(1, Integer.MAX_VALUE, BaseRole.ORIGIN);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    ParameterSpec.required("weight", MODEL, NUMBER),
                    ParameterSpec.flag("normalize", false),
                    ParameterSpec.optional("lambda", MERGE, NUMBER, 1));
        }
    }

    /// Task arithmetic on pruned differences whose sign the majority agrees with (Yadav et al.
    /// 2023, "TIES-merging").
    record Ties() implements MergeMethod {
        @Override
        public String name() {
            return "ties";
        }

        @Override
        public Requirements requirements() {
            return new Requirements(1, Integer.MAX_VALUE, BaseRole.ORIGIN);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    ParameterSpec.required("weight", MODEL, NUMBER),
                    ParameterSpec.optional("density", MODEL, FRACTION, 1),
                    ParameterSpec.flag("normalize", true),
                    ParameterSpec.optional("rescale", MERGE, FLAG, 0),
                    ParameterSpec.optional("lambda", MERGE, NUMBER, 1));
        }
    }

    /// The tensors of one model as they are, or scaled: for putting layers together.
    record Passthrough() implements MergeMethod {
        @Override
        public String name() {
            return "passthrough";
        }

        @Override
        public Requirements requirements() {
            return new Requirements(1, 1, BaseRole.UNUSED);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(ParameterSpec.optional("scale", MODEL, NUMBER, 1));
        }
    }
}
