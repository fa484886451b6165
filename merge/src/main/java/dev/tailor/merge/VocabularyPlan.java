package dev.tailor.merge;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Map;

/// Where the rows of the output's embeddings come from, for each model, and the tokenizer that goes
/// with them.
///
/// @param tokens the highest token id + 1
/// @param rows how many rows the embeddings get: the tokens and the padding
/// @param models in the order of [MergePlan#models]
/// @param borrowed rows that are not a model's own, shared by the models
/// @param files side files that are written in place of the donor's, by name
/// @param dropped side files of the donor that would contradict the new vocabulary
public record VocabularyPlan(
        int tokens,
        int rows,
        List<ModelRows> models,
        List<Row> borrowed,
        Map<String, ObjectNode> files,
        List<String> dropped) {
    /// One model's rows.
    ///
    /// @param sources `[rows]`: the row of the model itself, or `~i` for `borrowed[i]`
    /// @param embeddings the tensors with a row for each token, the input embedding first
    public record ModelRows(int[] sources, List<String> embeddings) {
        /// Whether the output's rows are the model's first rows, in their order.
        public boolean isPrefix() {
            for (int i = 0; i < sources.length; i++) {
                if (sources[i] != i) {
                    return false;
                }
            }
            return true;
        }
    }

    /// A row that a model does not have itself.
    public sealed interface Row {
        /// Nothing but zeros.
        record Zero() implements Row {}

        /// The mean of rows of models; of a single one, that row.
        record Mean(List<Place> places) implements Row {}

        /// No token: the mean over the rows of all tokens, which disturbs the model's predictions
        /// least (Hewitt 2021, "Initializing new word embeddings").
        record Padding() implements Row {}
    }

    /// A row of a model's embeddings.
    public record Place(int model, int row) {}
}
