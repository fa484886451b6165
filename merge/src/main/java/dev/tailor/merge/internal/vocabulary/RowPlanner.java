package dev.tailor.merge.internal.vocabulary;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.merge.ModelReference;
import dev.tailor.merge.TokenizerConfig;
import dev.tailor.merge.TokenizerConfig.RowSource;
import dev.tailor.merge.TokenizerConfig.TokenRule;
import dev.tailor.merge.VocabularyPlan.ModelRows;
import dev.tailor.merge.VocabularyPlan.Place;
import dev.tailor.merge.VocabularyPlan.Row;
import dev.tailor.tensors.TensorInfo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Finds the row of every token in every model: its own; or the one that a rule names; or the
/// base's, or the only one there is, or the mean of all there are.
final class RowPlanner {
    private final TokenizerConfig config;
    private final List<Vocabulary.Model> models;
    private final List<TokenizerFile> files;
    private final Map<String, Integer> ids;
    private final int base;
    private final Set<String> notes;
    private final List<Row> borrowed = new ArrayList<>();
    private final Map<Row, Integer> borrowedIndexes = new HashMap<>();

    /// @param ids the output's tokens
    /// @param base which model is the base, or -1
    RowPlanner(
            TokenizerConfig config,
            List<Vocabulary.Model> models,
            List<TokenizerFile> files,
            Map<String, Integer> ids,
            int base,
            Set<String> notes) {
        this.config = config;
        this.models = models;
        this.files = files;
        this.ids = ids;
        this.base = base;
        this.notes = notes;
    }

    /// Rows that are not a model's own, in the order of their numbers.
    List<Row> borrowed() {
        return List.copyOf(borrowed);
    }

    /// Each model's rows of an output of `rows` rows.
    List<ModelRows> plan(int rows) {
        int[][] sources = new int[models.size()][rows];
        int padding = borrow(new Row.Padding());
        for (int[] each : sources) {
            Arrays.fill(each, padding);
        }
        int[] missing = new int[models.size()];
        ids.forEach((token, id) -> {
            int[] own = ownRows(token);
            Row standIn = standIn(token, own);
            TokenRule rule = config.tokens().get(token);
            boolean force = rule != null && rule.force();
            for (int m = 0; m < models.size(); m++) {
                if (own[m] >= 0 && !force) {
                    sources[m][id] = own[m];
                } else {
                    sources[m][id] = encoded(standIn, m);
                    missing[m]++;
                }
            }
            if (rule != null && !force && IntStream.of(own).allMatch(row -> row >= 0)) {
                notes.add(
                        "the rule for token '"
                                + token
                                + "' changes nothing: every model has it ('force: true' overrides"
                                + " it)");
            }
        });
        requireSameWidth();
        List<ModelRows> plans = new ArrayList<>();
        for (int m = 0; m < models.size(); m++) {
            if (missing[m] > 0) {
                notes.add(
                        "'%s' takes %d of the %d tokens' rows from elsewhere"
                                .formatted(models.get(m).reference(), missing[m], ids.size()));
            }
            plans.add(
                    new ModelRows(
                            sources[m],
                            models.get(m).embeddings().stream().map(TensorInfo::name).toList()));
        }
        return plans;
    }

    /// The token's row in each model, or -1.
    private int[] ownRows(String token) {
        int[] rows = new int[models.size()];
        for (int m = 0; m < rows.length; m++) {
            Integer id = files.get(m).ids().get(token);
            rows[m] = id == null || id >= models.get(m).rows() ? -1 : id;
        }
        return rows;
    }

    /// The row of a model that lacks the token.
    private Row standIn(String token, int[] own) {
        TokenRule rule = config.tokens().get(token);
        if (rule != null) {
            return row(rule, token);
        }
        if (base >= 0 && own[base] >= 0) {
            return new Row.Mean(List.of(new Place(base, own[base])));
        }
        List<Place> places = new ArrayList<>();
        for (int m = 0; m < own.length; m++) {
            if (own[m] >= 0) {
                places.add(new Place(m, own[m]));
            }
        }
        return new Row.Mean(places);
    }

    private Row row(TokenRule rule, String token) {
        return switch (rule.source()) {
            case RowSource.Zero zero -> new Row.Zero();
            case RowSource.SameToken(ModelReference model) -> place(rule, model, token);
            case RowSource.OtherToken(ModelReference model, String other) ->
                    place(rule, model, other);
            case RowSource.RowNumber(ModelReference model, int id) -> {
                int m = index(model);
                if (id >= models.get(m).rows()) {
                    throw invalid(
                            rule.location(),
                            "'%s' has no row %d, only %d"
                                    .formatted(model, id, models.get(m).rows()));
                }
                yield new Row.Mean(List.of(new Place(m, id)));
            }
        };
    }

    private Row place(TokenRule rule, ModelReference model, String token) {
        int m = index(model);
        Integer id = files.get(m).ids().get(token);
        if (id == null) {
            TailorException error =
                    invalid(rule.location(), "'" + model + "' has no token '" + token + "'");
            throw Suggestion.nearest(token, files.get(m).added().keySet())
                    .map(near -> error.remedy("did you mean '" + near + "'?"))
                    .orElse(error);
        }
        if (id >= models.get(m).rows()) {
            throw invalid(
                    rule.location(),
                    "the token '%s' of '%s' is number %d, but its embedding has only %d rows"
                            .formatted(token, model, id, models.get(m).rows()));
        }
        return new Row.Mean(List.of(new Place(m, id)));
    }

    private int index(ModelReference reference) {
        return IntStream.range(0, models.size())
                .filter(m -> models.get(m).reference().equals(reference))
                .findFirst()
                .orElseThrow();
    }

    /// A row of model `m`: by its number, or by the number of a borrowed one.
    private int encoded(Row row, int m) {
        if (row instanceof Row.Mean(List<Place> places)
                && places.size() == 1
                && places.getFirst().model() == m) {
            return places.getFirst().row();
        }
        return borrow(row);
    }

    private int borrow(Row row) {
        Integer index = borrowedIndexes.get(row);
        if (index == null) {
            index = borrowed.size();
            borrowed.add(row);
            borrowedIndexes.put(row, index);
        }
        return ~index;
    }

    /// Rows move between models, so those of the same tensor must be of the same size in all; a
    /// head that is missing is tied to the input embedding.
    private void requireSameWidth() {
        for (Vocabulary.Model model : models) {
            for (TensorInfo tensor : model.embeddings()) {
                for (Vocabulary.Model other : models) {
                    requireSameWidth(tensor, other, model);
                }
            }
        }
    }

    private static void requireSameWidth(
            TensorInfo tensor, Vocabulary.Model model, Vocabulary.Model other) {
        TensorInfo counterpart =
                model.embeddings().stream()
                        .filter(info -> info.name().equals(tensor.name()))
                        .findFirst()
                        .orElse(model.embeddings().getFirst());
        List<Long> shape = counterpart.shape();
        if (!shape.subList(1, shape.size())
                .equals(tensor.shape().subList(1, tensor.shape().size()))) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "the tensor '%s' is %s, '%s' of '%s' is %s"
                                    .formatted(
                                            counterpart.name(),
                                            shape,
                                            tensor.name(),
                                            other.reference(),
                                            tensor.shape()))
                    .at(model.directory())
                    .remedy("merge models of the same width");
        }
    }
}
