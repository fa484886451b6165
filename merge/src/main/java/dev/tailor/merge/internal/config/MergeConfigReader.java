package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Suggestion;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.tensors.DType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads a merge configuration and checks everything that can be checked without the models.
public final class MergeConfigReader {
    private static final Set<String> TYPES = Set.of("bfloat16", "float16", "float32", "float64");

    private final List<String> notes = new ArrayList<>();

    /// Reads a document.
    ///
    /// @param text of the file it is from, where that is nothing but a merge's
    public MergeConfig read(YamlNode node, Optional<String> text) {
        MappingReader file = MappingReader.of(node, "a merge");
        MergeMethod method = method(file);
        ParameterReader parameters = new ParameterReader(method, notes);
        Optional<ModelReference> base = file.node("base_model").map(MergeConfigReader::model);
        ModuleReader modules = new ModuleReader(parameters, base, notes);
        List<MergeConfig.Module> content = modules.read(file);
        MergeConfig config =
                new MergeConfig(
                        method,
                        content,
                        base,
                        parameters.read(file, ParameterSpec.Scope.MERGE),
                        modules.modelParameters(file),
                        dtype(file, "dtype").or(() -> oldDtype(file)),
                        dtype(file, "out_dtype"),
                        new TokenizerReader(base, models(content, base)).read(file),
                        ChatTemplateReader.read(file),
                        notes,
                        node,
                        text);
        oldSettings(file);
        file.finish();
        CompletenessCheck.check(config, file.location());
        return config;
    }

    private Optional<DType> oldDtype(MappingReader file) {
        Optional<DType> type = dtype(file, "torch_dtype");
        if (type.isPresent()) {
            notes.add(file.keyLocation("torch_dtype") + ": 'torch_dtype' is read as 'dtype'");
        }
        return type;
    }

    private void oldSettings(MappingReader file) {
        if (file.has("embed_slerp")) {
            notes.add(
                    file.keyLocation("embed_slerp")
                            + ": 'embed_slerp' has no effect: it is an old setting of tokenizer"
                            + " merging");
        }
    }

    private static MergeMethod method(MappingReader file) {
        YamlNode node = file.required("merge_method");
        String name = MappingReader.text(node, "'merge_method'");
        return MergeMethod.find(name)
                .orElseThrow(() ->
                        invalid(node.location(), "unknown merge method '" + name + "'")
                                .remedy(
                                        Suggestion.advice(
                                                name,
                                                Arrays.stream(MergeMethod.values())
                                                        .map(MergeMethod::key)
                                                        .toList())));
    }

    /// A model's name, or a mapping `{model, lora}` whose values may be `{path, revision}` in turn.
    static ModelReference model(YamlNode node) {
        if (!(node instanceof YamlNode.Mapping)) {
            return new ModelReference(MappingReader.text(node, "a model"), node.location());
        }
        MappingReader mapping = MappingReader.of(node, "a model reference");
        String text;
        if (mapping.has("path")) {
            text =
                    MappingReader.text(mapping.required("path"), "'path'")
                            + mapping.text("revision").map(name -> "@" + name).orElse("");
        } else {
            text =
                    model(mapping.required("model")).text()
                            + mapping.node("lora").map(lora -> "+" + model(lora)).orElse("");
            // Tensors' names say what the architecture is, whatever it is called.
            mapping.node("override_architecture");
        }
        mapping.finish();
        return new ModelReference(text, node.location());
    }

    private static Optional<DType> dtype(MappingReader file, String key) {
        return file.text(key)
                .map(name -> {
                    if (DType.find(name).filter(type -> !type.isFloat()).isPresent()) {
                        throw invalid(
                                        file.valueLocation(key),
                                        "'%s: %s' would cut every weight to a whole number"
                                                .formatted(key, name))
                                .remedy("choose bfloat16, float16 or float32");
                    }
                    if (!TYPES.contains(name)) {
                        throw invalid(file.valueLocation(key), "unknown " + key + " '" + name + "'")
                                .remedy(Suggestion.advice(name, TYPES.stream().sorted().toList()));
                    }
                    return DType.parse(name);
                });
    }

    private static Set<ModelReference> models(
            List<MergeConfig.Module> modules, Optional<ModelReference> base) {
        Set<ModelReference> models = new LinkedHashSet<>();
        base.ifPresent(models::add);
        for (MergeConfig.Module module : modules) {
            for (MergeConfig.Slice slice : module.slices()) {
                slice.base().ifPresent(models::add);
                slice.sources().forEach(source -> models.add(source.model()));
            }
        }
        return models;
    }
}
