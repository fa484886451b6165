package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ModelResolver;
import dev.tailor.merge.Requirements.BaseRole;
import dev.tailor.merge.TokenizerConfig;
import dev.tailor.merge.internal.source.RemappedRows;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.merge.internal.vocabulary.Vocabulary;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Makes the plan of a merge from its configuration and the models' headers.
public final class Planner {
    private final MergeConfig config;
    private final List<OpenModel> models = new ArrayList<>();
    private final Map<ModelReference, Integer> indexes = new LinkedHashMap<>();
    private final List<LayerNames> layerNames = new ArrayList<>();
    private final Set<String> notes = new LinkedHashSet<>();

    private Planner(MergeConfig config) {
        this.config = config;
    }

    /// Plans a merge; opens the models' headers and closes them again.
    public static MergePlan plan(MergeConfig config, ModelResolver resolver) {
        Planner planner = new Planner(config);
        try {
            for (ModelReference reference : config.models()) {
                planner.add(reference, resolver);
            }
            return planner.plan();
        } finally {
            planner.models.forEach(OpenModel::close);
        }
    }

    private void add(ModelReference reference, ModelResolver resolver) {
        MergePlan.Model found = found(reference, resolver);
        OpenModel model = OpenModel.open(found);
        indexes.put(reference, models.size());
        models.add(model);
        layerNames.add(model.layers());
        found.adapter()
                .ifPresent(path -> notes.add("the adapter " + path + " is merged on the fly"));
    }

    /// A directory of that name, or a model and an adapter with a `+` between their names.
    private static MergePlan.Model found(ModelReference reference, ModelResolver resolver) {
        String text = reference.text();
        Optional<Path> whole = resolver.find(text);
        if (whole.isPresent()) {
            return new MergePlan.Model(reference, whole.get(), Optional.empty());
        }
        String missing = text;
        for (int plus = text.indexOf('+'); plus >= 0; plus = text.indexOf('+', plus + 1)) {
            Optional<Path> model = resolver.find(text.substring(0, plus));
            Optional<Path> adapter = resolver.find(text.substring(plus + 1));
            if (model.isPresent() && adapter.isPresent()) {
                return new MergePlan.Model(reference, model.get(), adapter);
            }
            missing = model.isPresent() ? text.substring(plus + 1) : text.substring(0, plus);
        }
        throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such model: '" + missing + "'")
                .at(reference.location())
                .remedy(resolver.description());
    }

    private MergePlan plan() {
        ModelReference first = config.slices().getFirst().sources().getFirst().model();
        int donor = indexes.getOrDefault(config.base().orElse(first), 0);
        int sideFiles =
                config.tokenizer().map(tokenizer -> tokenizerDonor(tokenizer, donor)).orElse(donor);
        Optional<Vocabulary> vocabulary =
                config.tokenizer().map(tokenizer -> vocabulary(tokenizer, sideFiles));
        List<MergePlan.Tensor> tensors = new ArrayList<>();
        List<MergeConfig.Slice> slices = config.slices();
        tensors.addAll(outside(slices.getFirst(), true));
        LayerOrigins origins = new LayerOrigins(new ArrayList<>());
        for (MergeConfig.Slice slice : slices) {
            addLayers(slice, tensors, origins);
        }
        tensors.addAll(outside(slices.getLast(), false));
        if (tensors.isEmpty()) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "there are no tensors to merge")
                    .at(models.get(donor).model().directory());
        }
        DType computeType = config.dtype().orElse(storedType(donor, tensors.getFirst()));
        ObjectNode outputConfig = OutputConfig.of(models.get(donor), config, tensors, origins);
        vocabulary.ifPresent(plan ->
                plan.followIds(outputConfig, donor, sideFiles, models.get(sideFiles).config()));
        return new MergePlan(
                config,
                models.stream().map(OpenModel::model).toList(),
                donor,
                sideFiles,
                tensors,
                computeType,
                outputConfig,
                vocabulary.map(Vocabulary::plan),
                config.chatTemplate()
                        .flatMap(choice -> ChatTemplates.of(choice, models, donor, sideFiles)),
                List.copyOf(notes));
    }

    private int tokenizerDonor(TokenizerConfig tokenizer, int donor) {
        return tokenizer.source() instanceof TokenizerConfig.Source.OfModel(ModelReference model)
                ? Objects.requireNonNull(indexes.get(model))
                : donor;
    }

    /// Plans the vocabulary and gives every model its rows.
    private Vocabulary vocabulary(TokenizerConfig tokenizer, int origin) {
        List<Vocabulary.Model> described = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            OpenModel model = models.get(i);
            described.add(
                    new Vocabulary.Model(
                            model.model().reference(),
                            model.model().directory(),
                            layerNames.get(i).embeddings().stream()
                                    .flatMap(name -> model.info(name).stream())
                                    .toList()));
        }
        int base = config.base().map(indexes::get).orElse(-1);
        Vocabulary vocabulary = Vocabulary.plan(tokenizer, described, origin, base, notes);
        List<TensorSource> sources =
                RemappedRows.of(
                        vocabulary.plan(),
                        models.stream().map(OpenModel::source).toList(),
                        Converter.forElements(0),
                        Optional.empty());
        for (int i = 0; i < sources.size(); i++) {
            models.set(i, models.get(i).with(sources.get(i)));
        }
        return vocabulary;
    }

    private DType storedType(int donor, MergePlan.Tensor tensor) {
        return tensor.inputs().stream()
                .filter(input -> input.model() == donor)
                .findFirst()
                .or(() -> Optional.of(tensor.inputs().getFirst()))
                .flatMap(input -> models.get(input.model()).info(input.tensor()))
                .orElseThrow()
                .dtype();
    }

    private void addLayers(
            MergeConfig.Slice slice, List<MergePlan.Tensor> tensors, LayerOrigins origins) {
        SliceRoles roles = roles(slice);
        MergeConfig.LayerRange range = roles.first().range();
        LayerNames shape = layerNames.get(roles.first().model());
        for (int i = 0; i < range.size(); i++) {
            Set<String> parts = new LinkedHashSet<>();
            for (SliceRoles.Participant participant : roles.all()) {
                parts.addAll(layer(participant, i).keySet());
            }
            int number = origins.next(roles.first().model(), range.first() + i);
            double depth = range.size() == 1 ? 1 : i / (double) (range.size() - 1);
            for (String part : parts) {
                String name = shape.prefix() + number + "." + part;
                List<MergePlan.Input> inputs = new ArrayList<>();
                for (SliceRoles.Participant participant : roles.all()) {
                    inputs.add(layerInput(participant, i, part));
                }
                tensors.add(planned(roles, name, depth, inputs));
            }
        }
    }

    private Map<String, String> layer(SliceRoles.Participant participant, int offset) {
        int number = participant.range().first() + offset;
        Map<String, String> layer = layerNames.get(participant.model()).layers().get(number);
        if (layer == null) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "'"
                                    + participant.source().model()
                                    + "' has no layer "
                                    + number
                                    + ", only "
                                    + layerNames.get(participant.model()).count())
                    .at(participant.source().model().location());
        }
        return layer;
    }

    private MergePlan.Input layerInput(
            SliceRoles.Participant participant, int offset, String part) {
        String name = layer(participant, offset).get(part);
        if (name == null) {
            throw missing(
                    participant.model(),
                    layerNames.get(participant.model()).prefix()
                            + (participant.range().first() + offset)
                            + "."
                            + part);
        }
        return new MergePlan.Input(participant.model(), name);
    }

    private List<MergePlan.Tensor> outside(MergeConfig.Slice slice, boolean inputSide) {
        SliceRoles roles = roles(slice);
        Set<String> names = new LinkedHashSet<>();
        for (SliceRoles.Participant participant : roles.all()) {
            LayerNames layers = layerNames.get(participant.model());
            names.addAll(inputSide ? layers.before() : layers.after());
        }
        List<MergePlan.Tensor> tensors = new ArrayList<>();
        for (String name : names) {
            List<MergePlan.Input> inputs = new ArrayList<>();
            for (SliceRoles.Participant participant : roles.all()) {
                inputs.add(new MergePlan.Input(participant.model(), present(participant, name)));
            }
            tensors.add(planned(roles, name, 0, inputs));
        }
        return tensors;
    }

    /// The tensor's name in a model: a head that is missing is tied to the input embedding.
    private String present(SliceRoles.Participant participant, String name) {
        OpenModel model = models.get(participant.model());
        if (model.info(name).isPresent()) {
            return name;
        }
        LayerNames layers = layerNames.get(participant.model());
        if (LayerNames.isEmbedding(name) && layers.inputEmbedding().isPresent()) {
            notes.add(
                    "'"
                            + participant.source().model()
                            + "' has no "
                            + name
                            + ": its input embedding stands in, and the output is not tied");
            return layers.inputEmbedding().get();
        }
        throw missing(participant.model(), name);
    }

    private TailorException missing(int model, String name) {
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the tensor '"
                                + name
                                + "' is missing, but other models of the merge have it")
                .at(models.get(model).model().directory())
                .remedy("merge models of the same architecture");
    }

    private MergePlan.Tensor planned(
            SliceRoles roles, String name, double depth, List<MergePlan.Input> inputs) {
        return new TensorPlanner(config, models, notes).plan(roles, name, depth, inputs);
    }

    /// Who takes part in a slice and as what, with whole models given all their layers.
    private SliceRoles roles(MergeConfig.Slice slice) {
        BaseRole role = config.method().requirements().base();
        Optional<ModelReference> base = slice.base().or(config::base);
        List<SliceRoles.Participant> participants = new ArrayList<>();
        Optional<SliceRoles.Participant> origin = Optional.empty();
        for (MergeConfig.Source source : slice.sources()) {
            SliceRoles.Participant participant = participant(source);
            boolean isBase = base.equals(Optional.of(source.model()));
            if (isBase && role.isOrigin()) {
                origin = Optional.of(participant);
            } else if (isBase && role == BaseRole.ONE_OF_THE_MODELS) {
                participants.addFirst(participant);
            } else {
                participants.add(participant);
            }
        }
        if (role.isOrigin() && base.isPresent() && origin.isEmpty()) {
            origin = Optional.of(originOf(slice, base.get(), participants));
        }
        requireSameDepth(slice, origin, participants);
        return new SliceRoles(
                origin, participants, new ParameterLookup(config, slice, config.method()));
    }

    private SliceRoles.Participant originOf(
            MergeConfig.Slice slice,
            ModelReference base,
            List<SliceRoles.Participant> participants) {
        boolean whole = slice.sources().getFirst().layers().isEmpty();
        MergeConfig.LayerRange range = participants.getFirst().range();
        boolean same = participants.stream().allMatch(each -> each.range().equals(range));
        if (!whole && !same) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "it is not clear which layers of the base model belong to this slice")
                    .at(slice.sources().getFirst().model().location())
                    .remedy("list '" + base + "' among its sources with a 'layer_range'");
        }
        return participant(
                new MergeConfig.Source(
                        base, whole ? Optional.empty() : Optional.of(range), Map.of()));
    }

    private SliceRoles.Participant participant(MergeConfig.Source source) {
        int model = Objects.requireNonNull(indexes.get(source.model()));
        int count = layerNames.get(model).count();
        MergeConfig.LayerRange range = source.layers().orElse(new MergeConfig.LayerRange(0, count));
        return new SliceRoles.Participant(model, source, range);
    }

    private static void requireSameDepth(
            MergeConfig.Slice slice,
            Optional<SliceRoles.Participant> origin,
            List<SliceRoles.Participant> participants) {
        List<SliceRoles.Participant> all = new ArrayList<>(participants);
        origin.ifPresent(all::add);
        for (SliceRoles.Participant participant : all) {
            if (participant.range().size() != all.getFirst().range().size()) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "the models have different numbers of layers: '%s' has %d, '%s' has %d"
                                        .formatted(
                                                all.getFirst().source().model(),
                                                all.getFirst().range().size(),
                                                participant.source().model(),
                                                participant.range().size()))
                        .at(slice.sources().getFirst().model().location())
                        .remedy("choose layers with 'slices'");
            }
        }
    }
}
