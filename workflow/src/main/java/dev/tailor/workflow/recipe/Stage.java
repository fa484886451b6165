package dev.tailor.workflow.recipe;

import dev.tailor.data.DataKind;
import dev.tailor.merge.MergeChain;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One step of a recipe. Every stage but `eval`, `gate` and `export` makes a model directory that
/// later stages may start from.
public sealed interface Stage {
    /// What continued pre-training learns from: text, and conversations as text.
    Set<DataKind> CPT_DATA = Set.of(DataKind.TEXT, DataKind.CHAT);

    /// What supervised fine-tuning learns from.
    Set<DataKind> SFT_DATA = Set.of(DataKind.CHAT);

    /// What preference optimisation learns from.
    Set<DataKind> DPO_DATA = Set.of(DataKind.PREFERENCE);

    /// What preference optimisation on single answers learns from.
    Set<DataKind> KTO_DATA = Set.of(DataKind.UNPAIRED, DataKind.PREFERENCE);

    /// What distillation learns from: text, and conversations.
    Set<DataKind> DISTILL_DATA = Set.of(DataKind.TEXT, DataKind.CHAT);

    /// Its name and place.
    Heading heading();

    /// The word it begins with in the recipe.
    String kind();

    /// The models it reads, in the order the recipe names them.
    List<ModelReference> models();

    /// The data sets it reads, by name.
    List<String> data();

    /// Its name, which is also that of its folder.
    default String id() {
        return heading().id();
    }

    /// Whether its result is a model.
    default boolean makesModel() {
        return switch (this) {
            case Init s -> true;
            case Training s -> true;
            case Merge s -> true;
            case Eval s -> false;
            case Gate s -> false;
            case Export s -> false;
        };
    }

    /// The stages whose results it needs.
    default Set<String> needs() {
        Set<String> needs = new LinkedHashSet<>();
        models().forEach(model -> needs.addAll(model.stages()));
        return needs;
    }

    /// A new model with random weights.
    record Init(
            Heading heading,
            Architecture architecture,
            Optional<NewTokenizer> tokenizer,
            Optional<ModelReference> tokenizerFrom,
            long seed)
            implements Stage {
        @Override
        public String kind() {
            return "init";
        }

        @Override
        public List<ModelReference> models() {
            return tokenizerFrom.stream().toList();
        }

        @Override
        public List<String> data() {
            return tokenizer.map(NewTokenizer::data).orElse(List.of());
        }
    }

    /// The shape of a new Llama-family model; sizes count values, `context` tokens.
    record Architecture(
            int hiddenSize,
            int layers,
            int heads,
            int keyValueHeads,
            int intermediateSize,
            int context,
            double ropeTheta,
            boolean tieEmbeddings,
            double normEpsilon,
            double initializerRange) {}

    /// A tokenizer to be trained.
    ///
    /// @param chatTemplate `chatml`, or the path of a Jinja file as written
    record NewTokenizer(List<String> data, int vocabulary, String chatTemplate) {}

    /// A stage that trains.
    sealed interface Training extends Stage {
        /// What it starts from, learns, and how.
        Lesson lesson();

        /// The model it learns from beside its data.
        default Optional<ModelReference> teacher() {
            return Optional.empty();
        }

        /// The kinds of data it can learn from.
        Set<DataKind> accepts();

        @Override
        default List<ModelReference> models() {
            List<ModelReference> models = new ArrayList<>(List.of(lesson().from()));
            teacher().ifPresent(models::add);
            return models;
        }

        @Override
        default List<String> data() {
            List<String> names = new ArrayList<>(lesson().data());
            lesson().evaluation().filter(name -> !names.contains(name)).ifPresent(names::add);
            return names;
        }
    }

    /// Continued pre-training.
    record Cpt(Heading heading, Lesson lesson) implements Training {
        @Override
        public String kind() {
            return "cpt";
        }

        @Override
        public Set<DataKind> accepts() {
            return CPT_DATA;
        }
    }

    /// Supervised fine-tuning.
    record Sft(Heading heading, Lesson lesson) implements Training {
        @Override
        public String kind() {
            return "sft";
        }

        @Override
        public Set<DataKind> accepts() {
            return SFT_DATA;
        }
    }

    /// Preference optimisation.
    record Dpo(Heading heading, Lesson lesson) implements Training {
        @Override
        public String kind() {
            return "dpo";
        }

        @Override
        public Set<DataKind> accepts() {
            return DPO_DATA;
        }
    }

    /// Preference optimisation on single answers.
    record Kto(Heading heading, Lesson lesson) implements Training {
        @Override
        public String kind() {
            return "kto";
        }

        @Override
        public Set<DataKind> accepts() {
            return KTO_DATA;
        }
    }

    /// Distillation.
    ///
    /// @param teacher empty where a store of what it said is at hand
    record Distill(Heading heading, Lesson lesson, Optional<ModelReference> teacher)
            implements Training {
        @Override
        public String kind() {
            return "distill";
        }

        @Override
        public Set<DataKind> accepts() {
            return DISTILL_DATA;
        }
    }

    /// A merge.
    ///
    /// @param chain the merge, after those that only serve it; models stand in it as written
    /// @param references what each model name in `chain` stands for that is no merge of it
    record Merge(
            Heading heading, MergeChain chain, Map<String, ModelReference> references, long seed)
            implements Stage {
        @Override
        public String kind() {
            return "merge";
        }

        @Override
        public List<ModelReference> models() {
            return List.copyOf(references.values());
        }

        @Override
        public List<String> data() {
            return List.of();
        }
    }

    /// A board.
    ///
    /// @param base the model that differences are taken to; one of `models`
    /// @param maxTokens the longest answer; what the references need when left out
    record Eval(
            Heading heading,
            List<ModelReference> models,
            ModelReference base,
            List<EvalTask> tasks,
            OptionalInt limit,
            OptionalInt maxTokens)
            implements Stage {
        @Override
        public String kind() {
            return "eval";
        }

        @Override
        public List<String> data() {
            return tasks.stream().map(EvalTask::data).distinct().toList();
        }
    }

    /// A task of a board.
    ///
    /// @param text its name in the recipe, on the board and in gates
    /// @param measure what is measured
    /// @param data the data set
    record EvalTask(String text, Measure measure, String data) {}

    /// What a task measures.
    enum Measure {
        /// What suits the kind of data: questions for chat, perplexity for text, accuracy for
        /// preferences.
        BY_KIND,
        /// Perplexity of text.
        PERPLEXITY
    }

    /// A requirement that ends the run when it does not hold.
    ///
    /// @param require requirement by `task.metric`
    /// @param release results of the released model, for requirements that name it
    record Gate(
            Heading heading, ModelReference on, Map<String, String> require, Optional<Path> release)
            implements Stage {
        @Override
        public String kind() {
            return "gate";
        }

        @Override
        public List<ModelReference> models() {
            return List.of();
        }

        @Override
        public List<String> data() {
            return List.of();
        }
    }

    /// A GGUF file and what belongs to it.
    record Export(Heading heading, ModelReference from, String gguf, boolean ollama)
            implements Stage {
        @Override
        public String kind() {
            return "export";
        }

        @Override
        public List<ModelReference> models() {
            return List.of(from);
        }

        @Override
        public List<String> data() {
            return List.of();
        }
    }
}
