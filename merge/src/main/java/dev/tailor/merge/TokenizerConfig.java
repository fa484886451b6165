package dev.tailor.merge;

import dev.tailor.core.Location;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What vocabulary a merged model gets, and where the embeddings of its tokens come from.
///
/// @param source whose tokenizer it is
/// @param tokens rules for single tokens, by spelling; a token that no model has is new
/// @param padToMultipleOf the number of rows of the embedding is a multiple of this
/// @param location where it is written
public record TokenizerConfig(
        Source source, Map<String, TokenRule> tokens, int padToMultipleOf, Location location) {
    /// Keeps the tokens in the order of the file.
    public TokenizerConfig {
        tokens = Collections.unmodifiableMap(new LinkedHashMap<>(tokens));
    }

    /// Whose tokenizer the output gets.
    public sealed interface Source {
        /// The base model's (or the first model's), with what the others have besides.
        record Union() implements Source {}

        /// One model's.
        record OfModel(ModelReference model) implements Source {}
    }

    /// Where a token's embedding comes from in models that lack the token.
    ///
    /// @param force whether models that have the token take it from there too
    /// @param location where the source is written
    public record TokenRule(RowSource source, boolean force, Location location) {}

    /// A row of an embedding.
    public sealed interface RowSource {
        /// The row of the same token in a model.
        record SameToken(ModelReference model) implements RowSource {}

        /// The row of another token of a model.
        record OtherToken(ModelReference model, String token) implements RowSource {}

        /// A row of a model by its number.
        record RowNumber(ModelReference model, int id) implements RowSource {}

        /// Nothing but zeros.
        record Zero() implements RowSource {}
    }
}
