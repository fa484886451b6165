package dev.tailor.workflow.recipe;

import dev.tailor.core.yaml.YamlNode;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The models that a merge configuration in mergekit's words names.
public final class MergeModels {
    private static final Set<String> NOT_MODELS = Set.of("base", "union");

    private MergeModels() {}

    /// Calls `found` for each place where a model is named.
    static void each(YamlNode node, Consumer<YamlNode.Scalar> found) {
        switch (node) {
            case YamlNode.Mapping mapping ->
                    mapping.entries()
                            .forEach((key, entry) -> {
                                if (entry.value() instanceof YamlNode.Scalar scalar
                                        && isModel(key, scalar)) {
                                    found.accept(scalar);
                                } else {
                                    each(entry.value(), found);
                                }
                            });
            case YamlNode.Sequence sequence -> sequence.items().forEach(item -> each(item, found));
            case YamlNode.Scalar scalar -> {}
        }
    }

    /// The configuration with every model's name replaced by what stands for it.
    public static YamlNode substitute(YamlNode config, Map<String, Path> directories) {
        return switch (config) {
            case YamlNode.Mapping mapping -> {
                Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
                mapping.entries()
                        .forEach((key, entry) -> {
                            YamlNode value =
                                    entry.value() instanceof YamlNode.Scalar scalar
                                                    && isModel(key, scalar)
                                            ? path(scalar, directories)
                                            : substitute(entry.value(), directories);
                            entries.put(key, new YamlNode.Entry(entry.keyLocation(), value));
                        });
                yield new YamlNode.Mapping(mapping.location(), entries);
            }
            case YamlNode.Sequence sequence ->
                    new YamlNode.Sequence(
                            sequence.location(),
                            sequence.items().stream()
                                    .map(item -> substitute(item, directories))
                                    .toList());
            case YamlNode.Scalar scalar -> scalar;
        };
    }

    private static YamlNode path(YamlNode.Scalar scalar, Map<String, Path> directories) {
        Path path = directories.get(scalar.text());
        if (path == null) {
            throw new IllegalStateException("no directory for " + scalar.text());
        }
        return new YamlNode.Scalar(scalar.location(), path.toString(), path.toString());
    }

    private static boolean isModel(String key, YamlNode.Scalar scalar) {
        return scalar.value() instanceof String text
                && switch (key) {
                    case "model", "base_model" -> true;
                    case "tokenizer_source" -> !NOT_MODELS.contains(text);
                    default -> false;
                };
    }
}
