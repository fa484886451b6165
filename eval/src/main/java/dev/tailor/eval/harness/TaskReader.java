package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.eval.internal.harness.Answers;
import dev.tailor.eval.internal.harness.Twins;
import dev.tailor.text.TextTemplate;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Turns a task file, with what it includes, into a task.
final class TaskReader {
    private static final int DEFAULT_MAX_TOKENS = 256;
    private static final List<String> MAX_TOKENS =
            List.of("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens");

    /// Keys that have no bearing on scores here: other kinds of models, other tools.
    private static final List<String> WITHOUT_EFFECT =
            List.of(
                    "should_decontaminate",
                    "doc_to_decontamination_query",
                    "dataset_kwargs",
                    "task_alias",
                    "unsafe_code",
                    "group",
                    "group_alias");

    private final String name;
    private final YamlNode.Mapping mapping;
    private final MappingReader reader;

    private TaskReader(String name, YamlNode.Mapping mapping) {
        this.name = name;
        this.mapping = mapping;
        this.reader = MappingReader.of(mapping, "the task '" + name + "'");
    }

    /// The task of a mapping.
    ///
    /// @throws TailorException `CONFIG_INVALID` with the place; also for a task that needs Python
    static TaskConfig read(String name, YamlNode.Mapping mapping) {
        return new TaskReader(name, mapping).task();
    }

    private TaskConfig task() {
        refusePython();
        reader.keys();
        OutputType output = output();
        PromptForm form =
                new PromptForm(
                        field("doc_to_text", mapping),
                        field("doc_to_target", mapping),
                        field("doc_to_choice", mapping),
                        field("gen_prefix", mapping),
                        text("target_delimiter", " "),
                        text("fewshot_delimiter", "\n\n"));
        if (output == OutputType.MULTIPLE_CHOICE && form.choices() instanceof Field.Absent) {
            throw invalid("output_type", "a multiple_choice task needs 'doc_to_choice'");
        }
        TaskConfig.Source source =
                new TaskConfig.Source(
                        text("dataset_path", ""),
                        text("dataset_name", ""),
                        split("training_split"),
                        split("validation_split"),
                        split("test_split"),
                        reader.has("process_docs")
                                ? reader.node("process_docs").map(Twins::key).orElse(null)
                                : null,
                        null);
        return new TaskConfig(
                name,
                mapping.location(),
                source,
                output,
                form,
                field("description", mapping),
                shots(form),
                generation(form),
                grading(output),
                plain());
    }

    /// Any function that Tailor has no twin of makes the task one that needs Python.
    private void refusePython() {
        mapping.entries().forEach((key, entry) -> refusePython(key, entry.value()));
        if (reader.has("class")) {
            throw needsPython("class", "a Python class", reader.valueLocation("class"));
        }
        for (String key : List.of("custom_dataset", "use_prompt", "doc_to_image", "doc_to_audio")) {
            if (reader.node(key).isPresent()) {
                throw needsPython(key, "'" + key + "'", reader.valueLocation(key));
            }
        }
    }

    private void refusePython(String key, YamlNode node) {
        switch (node) {
            case YamlNode.Scalar(Location place, YamlNode.Tagged tagged, String _) -> {
                if (!Twins.has(Twins.key(node))) {
                    throw needsPython(key, "the function " + tagged.text(), place);
                }
            }
            case YamlNode.Scalar _ -> {}
            case YamlNode.Sequence(Location _, List<YamlNode> items) ->
                    items.forEach(item -> refusePython(key, item));
            case YamlNode.Mapping(Location _, Map<String, YamlNode.Entry> entries) ->
                    entries.forEach((inner, entry) -> refusePython(key, entry.value()));
        }
    }

    private TailorException needsPython(String key, String what, Location place) {
        return TailorException.of(
                        ErrorCode.CONFIG_INVALID,
                        "the task '%s' needs Python: '%s' is %s".formatted(name, key, what))
                .at(place)
                .remedy("Tailor runs no code from task files; see the table of functions it knows");
    }

    private OutputType output() {
        String id = text("output_type", OutputType.GENERATE_UNTIL.id());
        for (OutputType type : OutputType.values()) {
            if (type.id().equals(id)) {
                return type;
            }
        }
        throw invalid("output_type", "unknown output_type '" + id + "'");
    }

    private @Nullable String split(String key) {
        return reader.text(key).orElse(null);
    }

    private String text(String key, String otherwise) {
        return reader.text(key).orElse(otherwise);
    }

    private Field field(String key, YamlNode.Mapping from) {
        YamlNode.Entry entry = from.entries().get(key);
        return entry == null ? new Field.Absent() : field(key, entry.value());
    }

    private Field field(String key, YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar(Location _, Long number, String _) -> new Field.Number(number);
            case YamlNode.Scalar(Location _, YamlNode.Tagged _, String _) ->
                    new Field.Twin(Twins.key(node));
            case YamlNode.Scalar scalar when scalar.value() == null -> new Field.Absent();
            case YamlNode.Scalar(Location place, Object _, String text) ->
                    new Field.Text(
                            key, text, TextTemplate.compile(text, place + " (" + key + ")"), place);
            case YamlNode.Sequence sequence ->
                    new Field.Items(objects(Objects.requireNonNull(sequence.plain())));
            case YamlNode.Mapping map ->
                    new Field.Items(
                            List.copyOf(
                                    objects(
                                            map.entries().values().stream()
                                                    .map(entry -> entry.value().plain())
                                                    .toList())));
        };
    }

    private static List<Object> objects(Object list) {
        List<Object> objects = new ArrayList<>();
        ((List<?>) list).forEach(item -> objects.add(Objects.requireNonNull(item)));
        return objects;
    }

    private Shots shots(PromptForm form) {
        YamlNode.Mapping config =
                reader.node("fewshot_config").orElse(null) instanceof YamlNode.Mapping m
                        ? m
                        : new YamlNode.Mapping(mapping.location(), Map.of());
        MappingReader own = MappingReader.of(config, "'fewshot_config'");
        String sampler = own.text("sampler").orElse("default");
        if (!sampler.equals("default") && !sampler.equals("first_n")) {
            throw MappingReader.invalid(
                    own.valueLocation("sampler"),
                    "unknown sampler '" + sampler + "'; known are default and first_n");
        }
        List<Map<String, Object>> examples = new ArrayList<>();
        for (YamlNode item : own.list("samples")) {
            if (!(item instanceof YamlNode.Mapping example)) {
                throw MappingReader.invalid(item.location(), "an example must be a mapping");
            }
            examples.add(plain(example));
        }
        PromptForm exampleForm =
                new PromptForm(
                        override("doc_to_text", config, form.text()),
                        override("doc_to_target", config, form.target()),
                        override("doc_to_choice", config, form.choices()),
                        override("gen_prefix", config, form.prefix()),
                        own.text("target_delimiter").orElse(form.targetDelimiter()),
                        own.text("fewshot_delimiter").orElse(form.shotDelimiter()));
        String split = own.text("split").orElse(split("fewshot_split"));
        int count = Math.clamp(reader.integer("num_fewshot").orElse(-1), -1, 10_000);
        return new Shots(count, split, sampler, examples, exampleForm);
    }

    private Field override(String key, YamlNode.Mapping config, Field otherwise) {
        return config.entries().containsKey(key) ? field(key, config) : otherwise;
    }

    private GenerationSpec generation(PromptForm form) {
        MappingReader own = reader.mapping("generation_kwargs").orElse(null);
        int repeats = Math.clamp(reader.integer("repeats").orElse(1), 1, 1000);
        if (own == null) {
            return new GenerationSpec(
                    List.of(form.shotDelimiter()), DEFAULT_MAX_TOKENS, 0, 1, repeats);
        }
        List<String> until = own.has("until") ? own.texts("until") : List.of(form.shotDelimiter());
        long maxTokens = DEFAULT_MAX_TOKENS;
        for (String key : MAX_TOKENS.reversed()) {
            maxTokens = own.integer(key).orElse(maxTokens);
        }
        double temperature = own.number("temperature").orElse(0);
        boolean samples = PythonYaml.truth(own, "do_sample").orElse(temperature > 0);
        if (samples && !own.has("temperature")) {
            temperature = 1;
        }
        return new GenerationSpec(
                until,
                Math.clamp(maxTokens, 1, 1 << 20),
                samples ? temperature : 0,
                own.number("top_p").orElse(1),
                repeats);
    }

    private TaskConfig.Grading grading(OutputType output) {
        List<FilterSpec> filters = new ArrayList<>();
        for (YamlNode item : reader.list("filter_list")) {
            MappingReader own = MappingReader.of(item, "a filter");
            List<FilterSpec.Step> steps = new ArrayList<>();
            for (YamlNode step : own.list("filter")) {
                MappingReader stepReader = MappingReader.of(step, "a filter step");
                String function = MappingReader.text(stepReader.required("function"), "'function'");
                if (!Answers.knows(function)) {
                    throw MappingReader.invalid(
                            stepReader.valueLocation("function"),
                            "the task '%s' needs the filter '%s', which Tailor does not have"
                                    .formatted(name, function));
                }
                Map<String, Object> arguments = plain((YamlNode.Mapping) step);
                arguments.remove("function");
                steps.add(new FilterSpec.Step(function, arguments));
            }
            filters.add(new FilterSpec(MappingReader.text(own.required("name"), "'name'"), steps));
        }
        Object version =
                reader.node("metadata").orElse(null) instanceof YamlNode.Mapping m
                        ? plain(m).getOrDefault("version", "Yaml")
                        : "Yaml";
        return new TaskConfig.Grading(
                filters.isEmpty() ? List.of(FilterSpec.none()) : filters,
                new MetricReader(name, output).read(reader),
                version,
                new LinkedHashSet<>(reader.texts("tag")),
                reader.node("process_results").map(Twins::key));
    }

    private Map<String, Object> plain() {
        Map<String, Object> plain = plain(mapping);
        WITHOUT_EFFECT.forEach(plain::remove);
        return plain;
    }

    /// The values of a mapping, those that are empty left out.
    private static Map<String, Object> plain(YamlNode.Mapping mapping) {
        Map<String, Object> plain = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, entry) -> {
                    Object value = entry.value().plain();
                    if (value != null) {
                        plain.put(
                                key,
                                value instanceof YamlNode.Tagged tagged ? tagged.text() : value);
                    }
                });
        return plain;
    }

    private TailorException invalid(String key, String what) {
        return MappingReader.invalid(reader.valueLocation(key), what);
    }
}
