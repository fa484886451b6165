package dev.tailor.merge.internal.config;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ParameterSpec.Scope;
import dev.tailor.merge.ParameterValue;
import dev.tailor.merge.Requirements.BaseRole;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what is merged: `models`, `slices` or `modules`.
record ModuleReader(ParameterReader parameters, Optional<ModelReference> base, List<String> notes) {
    List<MergeConfig.Module> read(MappingReader file) {
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
            return List.of(
                    new MergeConfig.Module(
                            Optional.empty(), file.location(), content(file), Map.of()));
        }
        MappingReader modules = file.mapping("modules").orElseThrow();
        List<MergeConfig.Module> read = new ArrayList<>();
        for (String name : modules.keys()) {
            Location place = modules.keyLocation(name);
            MappingReader module =
                    modules.mapping(name)
                            .orElseThrow(() ->
                                    invalid(place, "the module '" + name + "' is empty")
                                            .remedy("give it 'models' or 'slices'"));
            read.add(
                    new MergeConfig.Module(
                            Optional.of(name),
                            place,
                            content(module),
                            parameters.read(module, Scope.MERGE)));
            module.finish();
        }
        if (read.isEmpty()) {
            throw invalid(modules.location(), "'modules' names no module");
        }
        return read;
    }

    /// `input_model_parameters`, the place of models' parameters before they stood below the
    /// models.
    Map<ModelReference, Map<String, ParameterValue>> modelParameters(MappingReader file) {
        Optional<MappingReader> models = file.mapping("input_model_parameters");
        Map<ModelReference, Map<String, ParameterValue>> values = new LinkedHashMap<>();
        if (models.isEmpty()) {
            return values;
        }
        notes.add(
                file.keyLocation("input_model_parameters")
                        + ": 'input_model_parameters' is an old spelling:"
                        + " parameters now stand below their models");
        for (String name : models.get().keys()) {
            models.get()
                    .mapping(name)
                    .ifPresent(reader ->
                            values.put(
                                    new ModelReference(name, models.get().keyLocation(name)),
                                    parameters.readAll(reader, Scope.MODEL)));
        }
        return values;
    }

    private List<MergeConfig.Slice> content(MappingReader owner) {
        List<YamlNode> models = owner.list("models");
        List<YamlNode> slices = owner.list("slices");
        if (models.isEmpty() == slices.isEmpty()) {
            throw invalid(owner.location(), "give either 'models' or 'slices'");
        }
        if (!models.isEmpty()) {
            List<MergeConfig.Source> sources = new ArrayList<>();
            for (YamlNode node : models) {
                sources.add(source(node, false));
            }
            addBase(sources);
            return List.of(new MergeConfig.Slice(sources, Optional.empty(), Map.of()));
        }
        List<MergeConfig.Slice> read = new ArrayList<>();
        for (YamlNode node : slices) {
            read.add(slice(node));
        }
        return read;
    }

    /// A base that is one of the models to merge need not be listed among them.
    private void addBase(List<MergeConfig.Source> sources) {
        if (parameters.method().requirements().base() == BaseRole.ONE_OF_THE_MODELS
                && base.isPresent()
                && sources.stream().noneMatch(source -> source.model().equals(base.get()))) {
            sources.addFirst(new MergeConfig.Source(base.get(), Optional.empty(), Map.of()));
        }
    }

    private MergeConfig.Slice slice(YamlNode node) {
        MappingReader slice = MappingReader.of(node, "a slice");
        List<MergeConfig.Source> sources = new ArrayList<>();
        for (YamlNode source : slice.list("sources")) {
            sources.add(source(source, true));
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
        if (slice.has("residual_weight")) {
            notes.add(
                    slice.keyLocation("residual_weight")
                            + ": 'residual_weight' has no effect, as in mergekit");
        }
        MergeConfig.Slice read =
                new MergeConfig.Slice(
                        sources,
                        slice.node("base_model").map(MergeConfigReader::model),
                        parameters.read(slice, Scope.MERGE));
        slice.finish();
        return read;
    }

    private MergeConfig.Source source(YamlNode node, boolean withLayers) {
        MappingReader source = MappingReader.of(node, withLayers ? "a source" : "a model");
        ModelReference model = MergeConfigReader.model(source.required("model"));
        Optional<MergeConfig.LayerRange> layers =
                withLayers ? Optional.of(layers(source)) : Optional.empty();
        Map<String, ParameterValue> values = parameters.read(source, Scope.MODEL);
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
}
