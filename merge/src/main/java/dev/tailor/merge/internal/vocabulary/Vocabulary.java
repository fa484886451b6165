package dev.tailor.merge.internal.vocabulary;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.TokenizerConfig;
import dev.tailor.merge.VocabularyPlan;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The models' vocabularies and the one that the output gets.
public final class Vocabulary {
    private final List<Model> models;
    private final List<TokenizerFile> files;
    private final OutputTokenizer output;
    private final VocabularyPlan plan;

    private Vocabulary(
            List<Model> models,
            List<TokenizerFile> files,
            OutputTokenizer output,
            VocabularyPlan plan) {
        this.models = models;
        this.files = files;
        this.output = output;
        this.plan = plan;
    }

    /// A model of the merge.
    ///
    /// @param embeddings its tensors with a row for each token, the input embedding first
    public record Model(ModelReference reference, Path directory, List<TensorInfo> embeddings) {
        /// How many tokens can have a row.
        long rows() {
            return embeddings.stream().mapToLong(info -> info.shape().getFirst()).min().orElse(0);
        }
    }

    /// Plans the vocabulary that `config` asks for.
    ///
    /// @param origin which model's ids stay what they are
    /// @param base which model is the base, or -1
    /// @param notes takes what the user should know
    public static Vocabulary plan(
            TokenizerConfig config, List<Model> models, int origin, int base, Set<String> notes) {
        for (Model model : models) {
            if (model.embeddings().isEmpty()) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "no tensor is known as the embedding, so its rows cannot be moved")
                        .at(model.directory())
                        .remedy("leave 'tokenizer' and 'tokenizer_source' out");
            }
        }
        List<TokenizerFile> files = read(models, origin, notes);
        OutputTokenizer output = OutputTokenizer.of(files.get(origin), models.get(origin).rows());
        if (config.source() instanceof TokenizerConfig.Source.Union) {
            union(models, files, origin, output, notes);
        }
        config.tokens().keySet().forEach(output::addNew);
        RowPlanner rows = new RowPlanner(config, models, files, output.ids(), base, notes);
        int tokens = output.size();
        long multiple = config.padToMultipleOf();
        int padded = Math.toIntExact((tokens + multiple - 1) / multiple * multiple);
        List<VocabularyPlan.ModelRows> modelRows = rows.plan(padded);
        Map<String, ObjectNode> written = new LinkedHashMap<>();
        List<String> dropped = List.of();
        if (output.isChanged()) {
            written.putAll(TokenizerSideFiles.of(models.get(origin).directory(), output));
            dropped = TokenizerSideFiles.OTHER_FORMS;
        }
        TokenizerSideFiles.read(models.get(origin).directory(), "generation_config.json")
                .filter(generation ->
                        TokenizerSideFiles.followIds(
                                generation, tokens(files.get(origin)), output.ids()))
                .ifPresent(generation -> written.put("generation_config.json", generation));
        return new Vocabulary(
                models,
                files,
                output,
                new VocabularyPlan(tokens, padded, modelRows, rows.borrowed(), written, dropped));
    }

    /// Where the rows come from and what is written.
    public VocabularyPlan plan() {
        return plan;
    }

    /// Rewrites the token ids in a `config.json` of model `donor`; where the tokenizer lacks a
    /// token, what the model that gives the tokenizer says counts.
    ///
    /// @param origin that model
    /// @param originConfig its `config.json`
    public void followIds(ObjectNode config, int donor, int origin, ObjectNode originConfig) {
        ObjectNode former = config.deepCopy();
        TokenizerSideFiles.followIds(config, tokens(files.get(donor)), output.ids());
        if (donor == origin) {
            return;
        }
        ObjectNode others = originConfig.deepCopy();
        TokenizerSideFiles.followIds(others, tokens(files.get(origin)), output.ids());
        for (String key : former.propertyNames()) {
            if (key.endsWith("_token_id") && !config.has(key) && others.path(key).isNumber()) {
                config.set(key, others.path(key));
            }
        }
    }

    private static Map<Integer, String> tokens(TokenizerFile file) {
        Map<Integer, String> tokens = HashMap.newHashMap(file.ids().size());
        file.ids().forEach((token, id) -> tokens.put(id, token));
        return tokens;
    }

    /// Models often share a tokenizer, or have none of their own because nothing of it changed.
    private static List<TokenizerFile> read(List<Model> models, int origin, Set<String> notes) {
        Path originFile = TokenizerFile.in(models.get(origin).directory());
        if (!TokenizerFile.existsIn(models.get(origin).directory())) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            "the model that gives the tokenizer has no tokenizer.json")
                    .at(originFile)
                    .remedy(
                            "name another model with 'tokenizer_source'; a tokenizer.model has to"
                                    + " be converted first");
        }
        Map<String, TokenizerFile> known = new HashMap<>();
        List<TokenizerFile> files = new ArrayList<>();
        for (Model model : models) {
            Path file = TokenizerFile.in(model.directory());
            if (!TokenizerFile.existsIn(model.directory())) {
                notes.add(
                        "'%s' has no tokenizer.json and is taken to number its tokens as '%s' does"
                                .formatted(model.reference(), models.get(origin).reference()));
                file = originFile;
            }
            Path chosen = file;
            files.add(
                    known.computeIfAbsent(
                            Digest.ofFile(chosen), digest -> TokenizerFile.read(chosen)));
        }
        return files;
    }

    private static void union(
            List<Model> models,
            List<TokenizerFile> files,
            int origin,
            OutputTokenizer output,
            Set<String> notes) {
        int before = output.size();
        for (int m = 0; m < models.size(); m++) {
            if (!files.get(m).path().equals(files.get(origin).path())) {
                output.addWords(files.get(m), models.get(m).rows());
                noteOtherPipeline(files.get(origin), files.get(m), models.get(m), notes);
            }
        }
        for (int m = 0; m < models.size(); m++) {
            output.addAddedTokens(files.get(m), models.get(m).rows());
        }
        notes.add(
                "the vocabulary has %d tokens: %d of '%s', %d more of the other models"
                        .formatted(
                                output.size(),
                                before,
                                models.get(origin).reference(),
                                output.size() - before));
    }

    /// Text is prepared by one tokenizer's rules: tokens that only come about by another's may
    /// never be met.
    private static void noteOtherPipeline(
            TokenizerFile origin, TokenizerFile other, Model model, Set<String> notes) {
        for (String part : List.of("normalizer", "pre_tokenizer")) {
            if (!origin.root().path(part).equals(other.root().path(part))) {
                notes.add(
                        "the tokenizer of '%s' has another %s, which is not kept"
                                .formatted(model.reference(), part));
            }
        }
    }
}
