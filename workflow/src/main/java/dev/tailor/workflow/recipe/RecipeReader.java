package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.data.DataKind;
import dev.tailor.data.DataSource;
import dev.tailor.data.Format;
import dev.tailor.data.TextSplit;
import dev.tailor.workflow.internal.keys.Shape;
import dev.tailor.workflow.internal.keys.ShapeReader;
import dev.tailor.workflow.internal.keys.Values;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Turns a YAML document into a recipe: reads each mapping by its shape, then checks what no single
/// mapping shows (names, references, kinds).
final class RecipeReader {
    private final Path file;
    private final Path directory;

    RecipeReader(Path file) {
        this.file = file;
        Path parent = file.toAbsolutePath().normalize().getParent();
        this.directory = parent == null ? Path.of("").toAbsolutePath() : parent;
    }

    Recipe read(YamlNode document) {
        Values root = ShapeReader.read(RecipeKeys.ROOT, document);
        Map<String, DataEntry> data = data(root);
        List<Written> written = written(root);
        ReferenceReader references =
                new ReferenceReader(directory, root.has("base"), names(written));
        Optional<ModelReference> base =
                root.optionalText("base")
                        .map(text -> references.outside(text, root.place("base"), directory));
        StageReader reader = new StageReader(references, data, root.whole("seed"), directory);
        List<Stage> stages = new ArrayList<>();
        for (Written stage : written) {
            stages.add(reader.read(stage, stages));
            references.passed(stage.id(), stages.getLast());
        }
        String name = root.optionalText("name").orElseGet(this::nameOfFile);
        return new Recipe(
                file,
                name,
                root.whole("seed"),
                base,
                data,
                List.copyOf(stages),
                resolved(root, name, written));
    }

    /// A stage as it stands in the file, its own keys read.
    record Written(String id, String kind, Location place, Values values) {}

    private Map<String, DataEntry> data(Values root) {
        Map<String, DataEntry> data = new LinkedHashMap<>();
        root.entries("data", Values.class)
                .forEach((name, values) -> data.put(name, dataEntry(name, values)));
        return data;
    }

    private DataEntry dataEntry(String name, Values values) {
        DataSource source =
                new DataSource(
                        values.texts("path"),
                        directory,
                        values.optionalText("kind").map(RecipeReader::kind),
                        values.optionalText("format").map(Format::parse),
                        values.entries("columns", String.class),
                        TextSplit.valueOf(values.text("split").toUpperCase(Locale.ROOT)),
                        DataSource.Limits.standard());
        return new DataEntry(
                name,
                source,
                values.optionalWhole("limit"),
                values.flag("deduplicate"),
                values.optionalReal("hold-out"),
                values.real("weight"),
                values.places());
    }

    private static DataKind kind(String word) {
        return DataKind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static List<Written> written(Values root) {
        YamlNode node = root.free("stages").orElseThrow();
        if (!(node instanceof YamlNode.Sequence sequence) || sequence.items().isEmpty()) {
            throw invalid(node.location(), "'stages' must be a list of stages")
                    .remedy("for example: - sft: {from: base, data: questions}");
        }
        List<Written> written = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            Written stage = stage(item, written);
            written.stream()
                    .filter(other -> other.id().equals(stage.id()))
                    .findFirst()
                    .ifPresent(other -> {
                        throw invalid(
                                        stage.values().place("id"),
                                        "the id '" + stage.id() + "' is taken")
                                .remedy("by the stage at " + other.place());
                    });
            written.add(stage);
        }
        return written;
    }

    private static Written stage(YamlNode item, List<Written> before) {
        List<String> kinds = List.copyOf(RecipeKeys.STAGES.keySet());
        if (!(item instanceof YamlNode.Mapping mapping) || mapping.entries().size() != 1) {
            throw invalid(
                            item.location(),
                            "a stage is a mapping with one key, its kind, not " + found(item))
                    .remedy("kinds: " + String.join(", ", kinds));
        }
        var entry = mapping.entries().entrySet().iterator().next();
        String kind = entry.getKey();
        Shape shape = RecipeKeys.STAGES.get(kind);
        if (shape == null) {
            throw invalid(entry.getValue().keyLocation(), "there is no stage '" + kind + "'")
                    .remedy(Suggestion.advice(kind, kinds));
        }
        Values values = ShapeReader.read(shape, entry.getValue().value());
        String id = values.optionalText("id").orElseGet(() -> freeId(kind, before));
        if (id.equals("base")) {
            throw invalid(values.place("id"), "no stage can be called 'base'")
                    .remedy("'base' names the model the recipe starts from");
        }
        return new Written(id, kind, entry.getValue().keyLocation(), values);
    }

    private static String found(YamlNode item) {
        return item instanceof YamlNode.Mapping mapping
                ? "one with " + mapping.entries().size()
                : item.kind();
    }

    /// The kind itself, or with a number where that is taken.
    private static String freeId(String kind, List<Written> before) {
        List<String> taken = before.stream().map(Written::id).toList();
        String id = kind;
        for (int n = 2; taken.contains(id); n++) {
            id = kind + "-" + n;
        }
        return id;
    }

    private static List<String> names(List<Written> written) {
        return written.stream().map(Written::id).toList();
    }

    private String nameOfFile() {
        Path parent = directory.getFileName();
        String stem = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
        String name = stem.equals("recipe") && parent != null ? parent.toString() : stem;
        return name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
    }

    private static Map<String, Object> resolved(Values root, String name, List<Written> written) {
        Map<String, Object> resolved = new LinkedHashMap<>(root.plain());
        List<Object> stages = new ArrayList<>();
        for (Written stage : written) {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("id", stage.id());
            settings.putAll(stage.values().plain());
            stages.add(Map.of(stage.kind(), settings));
        }
        Map<String, Object> ordered = new LinkedHashMap<>();
        ordered.put("tailor", resolved.remove("tailor"));
        ordered.put("name", name);
        resolved.remove("name");
        resolved.put("stages", stages);
        ordered.putAll(resolved);
        return ordered;
    }
}
