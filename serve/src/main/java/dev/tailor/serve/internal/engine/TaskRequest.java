package dev.tailor.serve.internal.engine;

import dev.tailor.serve.internal.json.JsonVocabulary;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A prompt to continue once.
///
/// @param adapter the adapter's name, empty for the model as it is
/// @param prompt at least one token
public record TaskRequest(
        String adapter, int[] prompt, TokenChoice choice, Ending ending, LogProbs logProbs) {
    /// When an answer ends, its limit of tokens aside.
    ///
    /// @param stopIds tokens that end it and do not belong to it
    /// @param stops texts that end it and do not belong to it, none of them empty
    /// @param json where the answer is to be a JSON object, after which it ends
    public record Ending(Set<Integer> stopIds, List<String> stops, Optional<JsonVocabulary> json) {}

    /// Which log-probabilities are wanted.
    ///
    /// @param likeliest how many of the likeliest tokens besides each token's own; -1 for none at
    ///   all
    /// @param ofPrompt whether those of the prompt's tokens are wanted too
    public record LogProbs(int likeliest, boolean ofPrompt) {
        /// None are wanted.
        public static final LogProbs NONE = new LogProbs(-1, false);

        boolean wanted() {
            return likeliest >= 0;
        }
    }

    /// Tokens generated at most.
    int maxTokens() {
        return choice.sampling().maxTokens();
    }
}
