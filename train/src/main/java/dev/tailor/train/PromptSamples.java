package dev.tailor.train;

import java.util.List;
import java.util.Set;

/// Prompts that are answered now and then while a model learns, so that one can read along. They
/// have no influence on what is learnt.
///
/// @param stopIds tokens that end an answer
/// @param every steps between answers; there are some before the first step and after the last too
/// @param maxTokens tokens of an answer at most
public record PromptSamples(List<Prompt> prompts, Set<Integer> stopIds, int every, int maxTokens) {
    /// A prompt.
    ///
    /// @param text what is shown of it
    /// @param tokens what the model goes on from, at least one
    public record Prompt(String text, int[] tokens) {}

    /// Checks the ranges.
    public PromptSamples {
        if (every < 1 || maxTokens < 1) {
            throw new IllegalArgumentException(
                    "steps and tokens must be at least 1, not %d and %d"
                            .formatted(every, maxTokens));
        }
        prompts = List.copyOf(prompts);
        stopIds = Set.copyOf(stopIds);
    }
}
