package dev.tailor.merge;

import dev.tailor.core.Location;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.merge.internal.config.MergeConfigReader;
import dev.tailor.tensors.DType;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A merge as its YAML says it: mergekit's schema. Settings that nobody knows are errors with line,
/// column and the nearest known one.
///
/// @param method how to merge
/// @param modules the parts of the model and what is merged into each; a single one without a name
///   stands for the whole model
/// @param base the base model, if named
/// @param parameters the parameters that hold for all modules
/// @param modelParameters parameters of a model wherever it stands (`input_model_parameters`, an
///   old spelling)
/// @param dtype the type to compute in (with rounding at each step) and, without `outDType`, to
///   write
/// @param outDType the type to write
/// @param tokenizer what vocabulary the output gets; without it rows are merged by their numbers
/// @param chatTemplate which chat template it gets; without it that of the model that gives the
///   tokenizer
/// @param notes what was read but has no effect, with its place
/// @param source the configuration as it was read
/// @param text the text of the file it is from, where that is nothing but a merge's
public record MergeConfig(
        MergeMethod method,
        List<Module> modules,
        Optional<ModelReference> base,
        Map<String, ParameterValue> parameters,
        Map<ModelReference, Map<String, ParameterValue>> modelParameters,
        Optional<DType> dtype,
        Optional<DType> outDType,
        Optional<TokenizerConfig> tokenizer,
        Optional<ChatTemplateChoice> chatTemplate,
        List<String> notes,
        YamlNode source,
        Optional<String> text) {
    /// A part of a model that has layers of its own, such as its text decoder or its vision tower.
    ///
    /// @param name as written; absent where the whole model is meant
    /// @param location where it is written
    /// @param slices its layers from bottom to top
    public record Module(
            Optional<String> name,
            Location location,
            List<Slice> slices,
            Map<String, ParameterValue> parameters) {}

    /// Some consecutive layers of the output.
    ///
    /// @param sources the models that are merged into them, each with as many layers
    /// @param base the base model of this slice, if it has its own
    public record Slice(
            List<Source> sources,
            Optional<ModelReference> base,
            Map<String, ParameterValue> parameters) {}

    /// One model's part in a slice.
    ///
    /// @param layers which of its layers; all of them if absent
    public record Source(
            ModelReference model,
            Optional<LayerRange> layers,
            Map<String, ParameterValue> parameters) {}

    /// Layers from `first` up to, not including, `end`.
    public record LayerRange(int first, int end) {
        /// How many layers.
        public int size() {
            return end - first;
        }
    }

    /// Reads a YAML file.
    public static MergeConfig read(Path file) {
        String text = Yaml.text(file);
        return new MergeConfigReader().read(Yaml.single(file, text), Optional.of(text));
    }

    /// Reads a YAML document, or a part of one.
    public static MergeConfig read(YamlNode node) {
        return new MergeConfigReader().read(node, Optional.empty());
    }

    /// The slices of all modules.
    public List<Slice> slices() {
        return modules.stream().flatMap(module -> module.slices().stream()).toList();
    }

    /// Every model named, base first, then in the order of the text.
    public Set<ModelReference> models() {
        Set<ModelReference> models = new LinkedHashSet<>();
        base.ifPresent(models::add);
        for (Slice slice : slices()) {
            slice.base().ifPresent(models::add);
            slice.sources().forEach(source -> models.add(source.model()));
        }
        if (tokenizer.isPresent()
                && tokenizer.get().source() instanceof TokenizerConfig.Source.OfModel(var model)) {
            models.add(model);
        }
        return models;
    }
}
