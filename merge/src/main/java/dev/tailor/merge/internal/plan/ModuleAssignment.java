package dev.tailor.merge.internal.plan;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.merge.MergeConfig;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which part of the configuration holds for which module of the output. The output has the modules
/// of the model that gives the configuration.
///
/// @param structure that model's modules
/// @param donor that model's number
record ModuleAssignment(PlanContext context, ModelStructure structure, int donor) {
    /// What mergekit's tables call the parts of models, and what names of tensors call them.
    private static final List<Words> WORDS =
            List.of(
                    new Words("(?:default|text.*|language.*|llm)", "(?!)"),
                    new Words("(?:vis.*|image.*)", ".*(?:vis|image|vit).*"),
                    new Words("(?:audio.*|speech.*)", ".*(?:audio|speech).*"),
                    new Words(
                            "(?:multi_modal_projector|.*projector|connector|merger|aligner)",
                            ".*(?:project|connector|merger|align).*"));

    private record Words(Pattern name, Pattern module) {
        Words(String name, String module) {
            this(Pattern.compile(name), Pattern.compile(module));
        }
    }

    /// A module and what is merged into it; without a definition it is copied.
    record Job(LayerNames target, boolean isMain, Optional<MergeConfig.Module> definition) {}

    List<Job> jobs() {
        List<MergeConfig.Module> definitions = context.config().modules();
        return definitions.getFirst().name().isEmpty()
                ? ofWholeModel(definitions.getFirst())
                : ofModules(definitions);
    }

    /// `models` hold for every module; `slices` choose layers of the main one, and the others are
    /// merged whole from the models of the first slice.
    private List<Job> ofWholeModel(MergeConfig.Module definition) {
        List<Job> jobs = new ArrayList<>();
        for (LayerNames module : structure.modules()) {
            boolean isMain = module == structure.mainModule();
            boolean chooses =
                    definition.slices().stream()
                            .anyMatch(slice -> slice.sources().getFirst().layers().isPresent());
            boolean whole = !isMain && chooses && !module.layers().isEmpty();
            if (whole) {
                context.notes()
                        .add(
                                "'slices' choose layers of '"
                                        + structure.mainModule().name()
                                        + "'; '"
                                        + module.name()
                                        + "' is merged whole, from the models of the first slice");
            }
            jobs.add(
                    new Job(
                            module,
                            isMain,
                            Optional.of(whole ? withAllLayers(definition) : definition)));
        }
        return jobs;
    }

    private static MergeConfig.Module withAllLayers(MergeConfig.Module definition) {
        MergeConfig.Slice first = definition.slices().getFirst();
        List<MergeConfig.Source> sources =
                first.sources().stream()
                        .map(source ->
                                new MergeConfig.Source(
                                        source.model(), Optional.empty(), source.parameters()))
                        .toList();
        return new MergeConfig.Module(
                definition.name(),
                definition.location(),
                List.of(new MergeConfig.Slice(sources, first.base(), first.parameters())),
                definition.parameters());
    }

    private List<Job> ofModules(List<MergeConfig.Module> definitions) {
        Map<LayerNames, MergeConfig.Module> assigned = new LinkedHashMap<>();
        for (MergeConfig.Module definition : definitions) {
            String name = definition.name().orElseThrow();
            LayerNames module = find(name).orElseThrow(() -> unknown(definition));
            MergeConfig.Module other = assigned.put(module, definition);
            if (other != null) {
                throw invalid(
                        definition.location(),
                        "'%s' and '%s' are the same module '%s'"
                                .formatted(other.name().orElseThrow(), name, module.name()));
            }
        }
        List<Job> jobs = new ArrayList<>();
        for (LayerNames module : structure.modules()) {
            Optional<MergeConfig.Module> definition = Optional.ofNullable(assigned.get(module));
            if (definition.isEmpty() && module.isSharedEmbedding()) {
                definition = Optional.ofNullable(assigned.get(structure.mainModule()));
            }
            if (definition.isEmpty()) {
                context.notes()
                        .add(
                                "'modules' does not name '"
                                        + module.name()
                                        + "': taken from '"
                                        + context.name(donor)
                                        + "' as it is");
            }
            jobs.add(new Job(module, module == structure.mainModule(), definition));
        }
        return jobs;
    }

    /// The module of that name: its own, what its layers are called, the last word of its own, or a
    /// word for the same thing.
    private Optional<LayerNames> find(String name) {
        return first(module -> module.name().equals(name) || module.prefix().equals(name + "."))
                .or(() -> first(module -> ModelStructure.lastComponent(module).equals(name)))
                .or(() -> inOtherWords(name));
    }

    private Optional<LayerNames> inOtherWords(String name) {
        for (Words words : WORDS) {
            if (words.name().matcher(name).matches()) {
                return words == WORDS.getFirst()
                        ? Optional.of(structure.mainModule())
                        : first(module ->
                                module != structure.mainModule()
                                        && words.module().matcher(module.name()).matches());
            }
        }
        return Optional.empty();
    }

    private Optional<LayerNames> first(Predicate<LayerNames> condition) {
        return structure.modules().stream().filter(condition).findFirst();
    }

    private RuntimeException unknown(MergeConfig.Module definition) {
        return invalid(
                        definition.location(),
                        "'%s' has no module '%s'"
                                .formatted(context.name(donor), definition.name().orElseThrow()))
                .remedy(
                        "its modules: "
                                + String.join(
                                        ", ",
                                        structure.modules().stream()
                                                .map(LayerNames::name)
                                                .toList()));
    }
}
