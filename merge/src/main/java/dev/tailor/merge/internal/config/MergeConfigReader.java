package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.merge.ParameterValue;
import dev.tailor.merge.Requirements;
import dev.tailor.tensors.DType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a merge configuration and checks everything that can be checked without the models.
public final class MergeConfigReader {
    private static final Set<String> TYPES = Set.of("bfloat16", "float16", "float32", "float64");

    /// Reads a document.
    public MergeConfig read(YamlNode node) {
        MappingReader file = MappingReader.of(node, "a merge");
        MergeMethod method = method(file);
        ParameterReader parameters = new ParameterReader(method);
        Map<String, ParameterValue> global =
                new LinkedHashMap<>(parameters.read(file, ParameterSpec.Scope.MERGE));
        Optional<ModelReference> base = file.node("base_model").map(MergeConfigReader::model);
        List<MergeConfig.Slice> slices = slices(file, parameters, global);
        MergeConfig config =
                new MergeConfig(
                        method,
                        slices,
                        base,
                        global,
                        dtype(file, "dtype"),
                        dtype(file, "out_dtype"),
                        new TokenizerReader(base, models(slices, base)).read(file),
                        ChatTemplateReader.read(file),
                        node);
        file.finish();
        requireModels(config, file);
        requireParameters(config);
        return config;
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

    private static List<MergeConfig.Slice> slices(
            MappingReader file, ParameterReader parameters, Map<String, ParameterValue> global) {
        boolean hasModules = file.node("modules").isPresent();
        boolean hasContent = file.node("models").isPresent() || file.node("slices").isPresent();
        if (hasModules == hasContent) {
            throw invalid(
                            file.location(),
                            hasModules
                                    ? "'modules' cannot stand beside 'models' or 'slices'"
                                    : "nothing to merge")
                    .remedy("give one of 'models', 'slices' and 'modules'");
        }
        if (!hasModules) {
            return content(file, parameters);
        }
        MappingReader modules = file.mapping("modules").orElseThrow();
        List<String> names = modules.keys();
        if (names.size() != 1) {
            throw invalid(
                    modules.location(),
                    "models of more than one module cannot be merged yet, found " + names);
        }
        MappingReader module = modules.mapping(names.getFirst()).orElse(modules);
        // Between the slices' own and the global parameters; with one module both are one level.
        global.putAll(parameters.read(module, ParameterSpec.Scope.MERGE));
        List<MergeConfig.Slice> slices = content(module, parameters);
        module.finish();
        return slices;
    }

    private static List<MergeConfig.Slice> content(
            MappingReader owner, ParameterReader parameters) {
        List<YamlNode> models = owner.list("models");
        List<YamlNode> slices = owner.list("slices");
        if (models.isEmpty() == slices.isEmpty()) {
            throw invalid(owner.location(), "give either 'models' or 'slices'");
        }
        if (!models.isEmpty()) {
            List<MergeConfig.Source> sources = new ArrayList<>();
            for (YamlNode node : models) {
                sources.add(source(node, parameters, false));
            }
            return List.of(new MergeConfig.Slice(sources, Optional.empty(), Map.of()));
        }
        List<MergeConfig.Slice> read = new ArrayList<>();
        for (YamlNode node : slices) {
            read.add(slice(node, parameters));
        }
        return read;
    }

    private static MergeConfig.Slice slice(YamlNode node, ParameterReader parameters) {
        MappingReader slice = MappingReader.of(node, "a slice");
        List<MergeConfig.Source> sources = new ArrayList<>();
        for (YamlNode source : slice.list("sources")) {
            sources.add(source(source, parameters, true));
        }
        if (sources.isEmpty()) {
            throw invalid(slice.location(), "a slice needs 'sources'");
        }
        int size = sources.getFirst().layers().orElseThrow().size();
        for (MergeConfig.Source source : sources) {
            if (source.layers().orElseThrow().size() != size) {
                throw invalid(
                        source.model().location(),
                        "all sources of a slice must have as many layers: "
                                + size
                                + " and "
                                + source.layers().orElseThrow().size());
            }
        }
        MergeConfig.Slice read =
                new MergeConfig.Slice(
                        sources,
                        slice.node("base_model").map(MergeConfigReader::model),
                        parameters.read(slice, ParameterSpec.Scope.MERGE));
        slice.finish();
        return read;
    }

    private static MergeConfig.Source source(
            YamlNode node, ParameterReader parameters, boolean withLayers) {
        MappingReader source = MappingReader.of(node, withLayers ? "a source" : "a model");
        ModelReference model = model(source.required("model"));
        Optional<MergeConfig.LayerRange> layers =
                withLayers ? Optional.of(layers(source)) : Optional.empty();
        Map<String, ParameterValue> values = parameters.read(source, ParameterSpec.Scope.MODEL);
        source.finish();
        return new MergeConfig.Source(model, layers, values);
    }

    private static MergeConfig.LayerRange layers(MappingReader source) {
        YamlNode node = source.required("layer_range");
        if (node instanceof YamlNode.Sequence(Location at, List<YamlNode> items)
                && items.size() == 2
                && items.get(0) instanceof YamlNode.Scalar(Location a, Long first, String f)
                && items.get(1) instanceof YamlNode.Scalar(Location b, Long end, String e)
                && first >= 0
                && first < end
                && end < 100_000) {
            return new MergeConfig.LayerRange(first.intValue(), end.intValue());
        }
        throw invalid(node.location(), "'layer_range' must be [first, end] with 0 <= first < end");
    }

    /// A model's name, or a mapping `{model, lora}`.
    static ModelReference model(YamlNode node) {
        if (node instanceof YamlNode.Mapping) {
            MappingReader mapping = MappingReader.of(node, "a model reference");
            ModelReference model = model(mapping.required("model"));
            Optional<ModelReference> lora = mapping.node("lora").map(MergeConfigReader::model);
            mapping.finish();
            return lora.map(adapter ->
                            new ModelReference(
                                    model.text() + "+" + adapter.text(), node.location()))
                    .orElse(model);
        }
        return new ModelReference(MappingReader.text(node, "a model"), node.location());
    }

    private static Optional<DType> dtype(MappingReader file, String key) {
        return file.text(key)
                .map(name -> {
                    if (!TYPES.contains(name)) {
                        throw invalid(file.valueLocation(key), "unknown " + key + " '" + name + "'")
                                .remedy(Suggestion.advice(name, TYPES.stream().sorted().toList()));
                    }
                    return DType.parse(name);
                });
    }

    private static Set<ModelReference> models(
            List<MergeConfig.Slice> slices, Optional<ModelReference> base) {
        Set<ModelReference> models = new LinkedHashSet<>();
        base.ifPresent(models::add);
        for (MergeConfig.Slice slice : slices) {
            slice.base().ifPresent(models::add);
            slice.sources().forEach(source -> models.add(source.model()));
        }
        return models;
    }

    private static void requireModels(MergeConfig config, MappingReader file) {
        Requirements needs = config.method().requirements();
        boolean needsBase = needs.base().isRequired();
        for (MergeConfig.Slice slice : config.slices()) {
            Optional<ModelReference> base = slice.base().or(config::base);
            Set<ModelReference> models = new LinkedHashSet<>();
            slice.sources().forEach(source -> models.add(source.model()));
            int count = slice.sources().size();
            if (needs.base().isOrigin() && base.isPresent()) {
                count -= models.contains(base.get()) ? 1 : 0;
            }
            Location place = slice.sources().getFirst().model().location();
            if (needsBase && base.isEmpty()) {
                throw invalid(
                        file.location(),
                        "a " + config.method().key() + " merge needs a 'base_model'");
            }
            if (count < needs.fewestModels() || count > needs.mostModels()) {
                throw invalid(
                        place,
                        "a "
                                + config.method().key()
                                + " merge takes "
                                + range(needs)
                                + ", found "
                                + count);
            }
            if (needs.base() == Requirements.BaseRole.ONE_OF_THE_MODELS
                    && !models.contains(base.orElseThrow())) {
                throw invalid(
                        base.orElseThrow().location(),
                        "the base model must be one of the two models of a "
                                + config.method().key()
                                + " merge");
            }
        }
    }

    private static String range(Requirements needs) {
        String fewest = needs.fewestModels() + (needs.fewestModels() == 1 ? " model" : " models");
        if (needs.mostModels() == Integer.MAX_VALUE) {
            return "at least " + fewest + " besides the base";
        }
        return needs.fewestModels() == needs.mostModels()
                ? "exactly " + fewest
                : needs.fewestModels() + " to " + needs.mostModels() + " models";
    }

    /// A required parameter must have a value somewhere; whether filters leave gaps is seen when
    /// the tensors are known.
    private static void requireParameters(MergeConfig config) {
        for (ParameterSpec spec : config.method().parameters()) {
            if (!spec.required() || config.parameters().containsKey(spec.name())) {
                continue;
            }
            for (MergeConfig.Slice slice : config.slices()) {
                for (MergeConfig.Source source : slice.sources()) {
                    boolean isBase =
                            slice.base().or(config::base).equals(Optional.of(source.model()))
                                    && config.method().requirements().base().isOrigin();
                    if (!isBase
                            && !slice.parameters().containsKey(spec.name())
                            && !source.parameters().containsKey(spec.name())) {
                        throw invalid(
                                source.model().location(),
                                "'" + source.model() + "' has no '" + spec.name() + "'");
                    }
                }
            }
        }
    }
}
