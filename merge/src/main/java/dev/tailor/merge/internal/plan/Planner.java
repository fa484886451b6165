package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.ModelResolver;
import dev.tailor.merge.TokenizerConfig;
import dev.tailor.merge.internal.source.RemappedRows;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.merge.internal.vocabulary.Vocabulary;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.text.Tokenizer;

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
    private static final String TOKENS_WITHOUT_ROWS =
            "write 'tokenizer_source: union' or the name of a model there: every token then gets"
                    + " its row, and those that no model has a row for are left out";

    private final MergeConfig config;
    private final List<OpenModel> models = new ArrayList<>();
    private final Map<ModelReference, Integer> indexes = new LinkedHashMap<>();
    private final List<ModelStructure> structures = new ArrayList<>();
    private final Notes notes = new Notes();

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
        structures.add(model.structure());
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
        config.notes().forEach(notes::add);
        PlanContext context = new PlanContext(config, models, indexes, structures, notes);
        ModelStructure structure = structures.get(donor);
        List<MergePlan.Tensor> tensors = new ArrayList<>();
        List<OutputConfig.Module> modules = new ArrayList<>();
        for (ModuleAssignment.Job job : new ModuleAssignment(context, structure, donor).jobs()) {
            LayerOrigins origins = new LayerOrigins(new ArrayList<>());
            tensors.addAll(tensors(context, job, donor, origins));
            if (job.definition().isPresent()) {
                modules.add(new OutputConfig.Module(job.target(), job.isMain(), origins));
            }
        }
        if (tensors.isEmpty()) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "there are no tensors to merge")
                    .at(models.get(donor).model().directory());
        }
        if (vocabulary.isEmpty()) {
            requireRowsForTokens(tensors, donor);
        }
        DType computeType = config.dtype().orElse(storedType(donor, tensors.getFirst()));
        ObjectNode outputConfig = OutputConfig.of(models.get(donor), config, tensors, modules);
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
                notes.all());
    }

    /// Without a plan of the vocabulary the tokenizer is the donor's as it is, while the embedding
    /// may have become smaller, or may always have been too small.
    private void requireRowsForTokens(List<MergePlan.Tensor> tensors, int donor) {
        Optional<String> embedding = structures.get(donor).inputEmbedding();
        for (MergePlan.Tensor tensor : tensors) {
            TensorInfo output = tensor.output();
            if (embedding.filter(output.name()::equals).isPresent() && !output.shape().isEmpty()) {
                try {
                    Tokenizer.checkFits(
                            models.get(donor).model().directory(), output.shape().getFirst());
                } catch (TailorException e) {
                    throw e.code() == ErrorCode.MODEL_INVALID ? e.remedy(TOKENS_WITHOUT_ROWS) : e;
                }
            }
        }
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
                            structures.get(i).embeddings().stream()
                                    .flatMap(name -> model.info(name).stream())
                                    .toList()));
        }
        int base = config.base().map(indexes::get).orElse(-1);
        Set<String> remarks = new LinkedHashSet<>();
        Vocabulary vocabulary = Vocabulary.plan(tokenizer, described, origin, base, remarks);
        remarks.forEach(notes::add);
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

    private static DType storedType(int donor, MergePlan.Tensor tensor) {
        return tensor.inputs().stream()
                .filter(input -> input.model() == donor)
                .findFirst()
                .orElse(tensor.inputs().getFirst())
                .stored()
                .dtype();
    }

    private static List<MergePlan.Tensor> tensors(
            PlanContext context, ModuleAssignment.Job job, int donor, LayerOrigins origins) {
        if (job.definition().isEmpty()) {
            return ModulePlanner.copied(context, donor, job.target());
        }
        ModuleRoles roles =
                new ModuleRoles(context, job.definition().get(), job.target(), job.isMain());
        return new ModulePlanner(context, roles, origins).plan();
    }
}
