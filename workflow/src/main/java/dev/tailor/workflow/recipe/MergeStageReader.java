package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeConfig;
import dev.tailor.workflow.internal.keys.Values;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads a merge stage into a configuration in mergekit's words, and finds the models it names.
/// What the words mean is checked by whoever merges.
final class MergeStageReader {
    /// The recipe's keys that mergekit spells differently, or that hold a value of their own here.
    private static final Map<String, String> WORDS = words();

    private final ReferenceReader references;
    private final Path directory;

    MergeStageReader(ReferenceReader references, Path directory) {
        this.references = references;
        this.directory = directory;
    }

    Stage.Merge read(Heading heading, Values values, long seed) {
        Optional<String> file = values.optionalText("file");
        Path root = directory;
        YamlNode node;
        if (file.isPresent()) {
            refuseOthers(values);
            Path path = directory.resolve(file.get()).normalize();
            node = readFile(values, path);
            root = Optional.ofNullable(path.getParent()).orElse(directory);
        } else {
            node = inline(values);
        }
        MergeConfig config = MergeConfig.read(node);
        Map<String, ModelReference> models = new LinkedHashMap<>();
        for (var named : config.models()) {
            models.put(named.text(), references.read(named.text(), named.location(), root));
        }
        return new Stage.Merge(heading, config, models, seed);
    }

    private static YamlNode readFile(Values values, Path path) {
        try {
            return Yaml.read(path);
        } catch (TailorException e) {
            if (e.code() == ErrorCode.FILE_NOT_FOUND) {
                throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file: " + path)
                        .at(values.place("file"))
                        .causedBy(e);
            }
            throw e;
        }
    }

    private static void refuseOthers(Values values) {
        WORDS.keySet().stream()
                .filter(values::given)
                .findFirst()
                .ifPresent(key -> {
                    throw invalid(values.place(key), "'" + key + "' cannot stand beside 'file'")
                            .remedy("write it into the file, or the whole merge into the recipe");
                });
    }

    private static YamlNode inline(Values values) {
        if (!values.has("method")) {
            throw invalid(values.location(), "a merge stage needs 'method' or 'file'");
        }
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        WORDS.forEach((key, word) -> {
            if (values.given(key)) {
                entries.put(word, new YamlNode.Entry(values.place(key), node(values, key)));
            }
        });
        return new YamlNode.Mapping(values.location(), entries);
    }

    private static YamlNode node(Values values, String key) {
        return switch (key) {
            case "models", "slices", "parameters", "tokenizer" -> values.free(key).orElseThrow();
            default -> {
                String text = values.text(key);
                yield new YamlNode.Scalar(values.place(key), text, text);
            }
        };
    }

    private static Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("method", "merge_method");
        words.put("base", "base_model");
        words.put("models", "models");
        words.put("slices", "slices");
        words.put("parameters", "parameters");
        words.put("dtype", "dtype");
        words.put("out-dtype", "out_dtype");
        words.put("tokenizer-source", "tokenizer_source");
        words.put("tokenizer", "tokenizer");
        words.put("chat-template", "chat_template");
        return words;
    }
}
