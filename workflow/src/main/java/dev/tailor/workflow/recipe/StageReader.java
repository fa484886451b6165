package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.data.DataKind;
import dev.tailor.data.Format;
import dev.tailor.workflow.internal.keys.Values;
import dev.tailor.workflow.recipe.RecipeReader.Written;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Turns the values of a stage into the stage, checking what it refers to.
final class StageReader {
    private final ReferenceReader references;
    private final Map<String, DataEntry> data;
    private final long seed;
    private final Path directory;

    StageReader(
            ReferenceReader references, Map<String, DataEntry> data, long seed, Path directory) {
        this.references = references;
        this.data = data;
        this.seed = seed;
        this.directory = directory;
    }

    /// The stage; `before` are the stages it may refer to.
    Stage read(Written written, List<Stage> before) {
        Values values = written.values();
        Map<String, Object> settings = new LinkedHashMap<>(values.plain());
        settings.remove("id");
        Heading heading = new Heading(written.id(), written.place(), values.places(), settings);
        return switch (written.kind()) {
            case "init" -> init(heading, values);
            case "cpt" -> new Stage.Cpt(heading, lesson("cpt", Stage.CPT_DATA, values));
            case "sft" -> new Stage.Sft(heading, lesson("sft", Stage.SFT_DATA, values));
            case "dpo" -> new Stage.Dpo(heading, lesson("dpo", Stage.DPO_DATA, values));
            case "kto" -> new Stage.Kto(heading, lesson("kto", Stage.KTO_DATA, values));
            case "distill" ->
                    new Stage.Distill(
                            heading,
                            lesson("distill", Stage.DISTILL_DATA, values),
                            values.optionalText("teacher")
                                    .map(text -> references.read(text, values.place("teacher"))));
            case "merge" ->
                    new MergeStageReader(references, directory).read(heading, values, seed(values));
            case "eval" -> eval(heading, values);
            case "gate" -> new GateReader(before, directory).read(heading, values);
            case "export" ->
                    new Stage.Export(
                            heading,
                            model(values, "from"),
                            values.text("gguf"),
                            values.flag("ollama"));
            default -> throw new IllegalStateException("no reader for " + written.kind());
        };
    }

    private Stage.Init init(Heading heading, Values values) {
        Optional<Stage.NewTokenizer> tokenizer =
                values.optionalGroup("tokenizer").map(this::tokenizer);
        if (tokenizer.isPresent() == values.has("tokenizer-from")) {
            throw invalid(
                            heading.place(),
                            tokenizer.isPresent()
                                    ? "an init stage has one tokenizer, not two"
                                    : "an init stage needs a tokenizer")
                    .remedy("give either 'tokenizer: {data: ...}' or 'tokenizer-from: MODEL'");
        }
        return new Stage.Init(
                heading,
                architecture(values.group("architecture")),
                tokenizer,
                values.optionalText("tokenizer-from")
                        .map(text -> references.read(text, values.place("tokenizer-from"))),
                seed(values));
    }

    private static Stage.Architecture architecture(Values values) {
        long hidden = values.whole("hidden-size");
        long heads = values.whole("heads");
        long keyValueHeads = values.whole("key-value-heads");
        if (hidden % heads != 0 || hidden / heads % 2 != 0) {
            throw invalid(
                    values.place("heads"),
                    "'hidden-size' (%d) must be an even multiple of 'heads' (%d)"
                            .formatted(hidden, heads));
        }
        if (heads % keyValueHeads != 0) {
            throw invalid(
                    values.place("key-value-heads"),
                    "'heads' (%d) must be a multiple of 'key-value-heads' (%d)"
                            .formatted(heads, keyValueHeads));
        }
        return new Stage.Architecture(
                (int) hidden,
                values.integer("layers"),
                (int) heads,
                (int) keyValueHeads,
                values.integer("intermediate-size"),
                values.integer("context"),
                values.real("rope-theta"),
                values.flag("tie-embeddings"),
                values.real("norm-epsilon"),
                values.real("initializer-range"));
    }

    private Stage.NewTokenizer tokenizer(Values values) {
        return new Stage.NewTokenizer(
                dataNames(values, "data", Set.of(DataKind.TEXT)),
                values.integer("vocabulary"),
                values.text("chat-template"));
    }

    private Lesson lesson(String kind, Set<DataKind> accepted, Values values) {
        return new Lesson(
                model(values, "from"),
                dataNames(values, "data", accepted),
                values.optionalText("evaluation")
                        .map(name -> dataName(name, values.place("evaluation"), accepted)),
                new LessonReader(directory).objective(kind, values),
                new LessonReader(directory).tuning(values.variant("tune")),
                LessonReader.settings(values),
                seed(values),
                values.optionalGroup("samples")
                        .map(group -> new SamplePromptsReader(directory).read(group, kind)));
    }

    private Stage.Eval eval(Heading heading, Values values) {
        List<ModelReference> models = new ArrayList<>();
        List<String> texts = values.texts("models");
        for (int i = 0; i < texts.size(); i++) {
            Location place = values.place("models[" + i + "]");
            ModelReference model = references.read(texts.get(i), place);
            if (models.contains(model)) {
                throw invalid(place, "'" + texts.get(i) + "' stands twice among the models");
            }
            models.add(model);
        }
        ModelReference base =
                values.optionalText("base")
                        .map(text -> baseOf(models, text, values.place("base")))
                        .orElse(models.getFirst());
        List<Stage.EvalTask> tasks = new ArrayList<>();
        List<String> names = values.texts("tasks");
        for (int i = 0; i < names.size(); i++) {
            tasks.add(task(names.get(i), values.place("tasks[" + i + "]")));
        }
        return new Stage.Eval(
                heading,
                List.copyOf(models),
                base,
                List.copyOf(tasks),
                small(values.optionalWhole("limit")),
                small(values.optionalWhole("max-tokens")));
    }

    private static OptionalInt small(OptionalLong value) {
        return value.isPresent()
                ? OptionalInt.of((int) Math.min(value.getAsLong(), Integer.MAX_VALUE))
                : OptionalInt.empty();
    }

    private static ModelReference baseOf(List<ModelReference> models, String text, Location place) {
        return models.stream()
                .filter(model -> model.text().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        invalid(place, "'" + text + "' is not among the models")
                                .remedy(
                                        Suggestion.advice(
                                                text,
                                                models.stream()
                                                        .map(ModelReference::text)
                                                        .toList())));
    }

    private Stage.EvalTask task(String text, Location place) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return new Stage.EvalTask(
                    text, Stage.Measure.BY_KIND, dataName(text, place, Set.of(DataKind.values())));
        }
        String measure = text.substring(0, colon);
        if (!measure.equals("perplexity")) {
            throw invalid(place, "there is no task '" + measure + "'")
                    .remedy(Suggestion.advice(measure, List.of("perplexity")));
        }
        String name = dataName(text.substring(colon + 1), place, Set.of(DataKind.TEXT));
        return new Stage.EvalTask(text, Stage.Measure.PERPLEXITY, name);
    }

    private ModelReference model(Values values, String key) {
        return references.read(values.text(key), values.place(key));
    }

    private List<String> dataNames(Values values, String key, Set<DataKind> accepted) {
        List<String> names = values.texts(key);
        for (int i = 0; i < names.size(); i++) {
            dataName(names.get(i), values.place(key + "[" + i + "]"), accepted);
        }
        return names;
    }

    private String dataName(String name, Location place, Set<DataKind> accepted) {
        DataEntry entry = data.get(entryName(name, place));
        if (entry == null) {
            throw invalid(place, "there is no data set '" + name + "'")
                    .remedy(
                            data.isEmpty()
                                    ? "the recipe has no 'data'"
                                    : Suggestion.advice(name, data.keySet()));
        }
        Optional<DataKind> declared =
                entry.source().format().map(Format::kind).or(entry.source()::kind);
        if (declared.isPresent() && !accepted.contains(declared.get())) {
            throw invalid(
                            place,
                            "'%s' is %s data, %s data is needed here"
                                    .formatted(
                                            name,
                                            DataEntry.words(Set.of(declared.get())),
                                            DataEntry.words(accepted)))
                    .remedy("its kind is declared at " + entry.place("kind"));
        }
        return name;
    }

    /// The data set that a name is a part of: `manuals/holdout` of `manuals`.
    private String entryName(String name, Location place) {
        if (!name.endsWith(DataEntry.HOLDOUT)) {
            return name;
        }
        String whole = name.substring(0, name.length() - DataEntry.HOLDOUT.length());
        DataEntry entry = data.get(whole);
        if (entry != null && entry.holdOut().isEmpty()) {
            throw invalid(place, "nothing of '" + whole + "' is put aside")
                    .remedy("add 'hold-out: 0.05' to the data set");
        }
        return whole;
    }

    private long seed(Values values) {
        return values.optionalWhole("seed").orElse(seed);
    }
}
