package dev.tailor.eval.harness;

import java.util.Optional;
import java.util.OptionalInt;

/// How tasks are run.
///
/// @param limit at most so many samples of a task, from the first on
/// @param chat the chat template; empty to prompt with plain text
/// @param multiTurn whether examples become turns of their own in a conversation
/// @param systemInstruction stands before the task's description
/// @param seed of the draw of examples and of sampling
/// @param maxTokens overrides what tasks say
/// @param bootstrap resamples for standard errors that have no formula; 0 for none
/// @param code runs what models write; empty to run nothing
public record HarnessSettings(
        OptionalInt limit,
        Optional<ChatRenderer> chat,
        boolean multiTurn,
        String systemInstruction,
        long seed,
        OptionalInt maxTokens,
        int bootstrap,
        Optional<CodeRunner> code) {
    /// The reference's seed of few-shot examples.
    public static final long SEED = 1234;

    /// Plain text, all samples, the reference's seed and 100,000 resamples.
    public static HarnessSettings standard() {
        return new HarnessSettings(
                OptionalInt.empty(),
                Optional.empty(),
                false,
                "",
                SEED,
                OptionalInt.empty(),
                100_000,
                Optional.empty());
    }

    /// The same with fewer samples.
    public HarnessSettings withLimit(int samples) {
        return new HarnessSettings(
                OptionalInt.of(samples),
                chat,
                multiTurn,
                systemInstruction,
                seed,
                maxTokens,
                bootstrap,
                code);
    }

    /// The same with a chat template.
    public HarnessSettings withChat(ChatRenderer renderer, boolean examplesAsTurns) {
        return new HarnessSettings(
                limit,
                Optional.of(renderer),
                examplesAsTurns,
                systemInstruction,
                seed,
                maxTokens,
                bootstrap,
                code);
    }
}
