package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeChain;
import dev.tailor.workflow.internal.keys.Values;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads a merge stage into merges in mergekit's words, and finds the models they name. What the
/// words mean is checked by whoever merges.
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
        MergeChain chain;
        if (file.isPresent()) {
            refuseOthers(values);
            Path path = directory.resolve(file.get()).normalize();
            chain = readFile(values, path);
            root = Optional.ofNullable(path.getParent()).orElse(directory);
        } else {
            chain = MergeChain.read(values.location().file(), List.of(inline(values)));
        }
        return new Stage.Merge(heading, chain, models(chain, root), seed);
    }

    /// Every model that is not itself a merge of the chain.
    private Map<String, ModelReference> models(MergeChain chain, Path root) {
        Map<String, ModelReference> models = new LinkedHashMap<>();
        for (MergeChain.Link link : chain.links()) {
            for (var named : link.config().models()) {
                String text = named.text();
                if (!link.uses().contains(text)) {
                    requireNoAdapter(link, text, named.location());
                    models.put(text, references.read(text, named.location(), root));
                }
            }
        }
        return models;
    }

    private static void requireNoAdapter(MergeChain.Link link, String model, Location place) {
        for (String used : link.uses()) {
            if (model.startsWith(used + "+")) {
                throw invalid(
                                place,
                                "'%s' puts an adapter on '%s', a merge of the same file"
                                        .formatted(model, used))
                        .remedy("make '" + used + "' a merge stage of its own before this one");
            }
        }
    }

    private static MergeChain readFile(Values values, Path path) {
        try {
            return MergeChain.read(path);
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
            case "models", "slices", "modules", "parameters", "tokenizer" ->
                    values.free(key).orElseThrow();
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
        words.put("modules", "modules");
        words.put("parameters", "parameters");
        words.put("dtype", "dtype");
        words.put("out-dtype", "out_dtype");
        words.put("tokenizer-source", "tokenizer_source");
        words.put("tokenizer", "tokenizer");
        words.put("chat-template", "chat_template");
        return words;
    }
}
