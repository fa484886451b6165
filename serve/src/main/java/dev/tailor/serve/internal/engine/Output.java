package dev.tailor.serve.internal.engine;

import java.util.List;

/// What a task says while it is worked on: perhaps the prompt's scores, then text, then its end or
/// a failure.
public sealed interface Output {
    /// The scores of the prompt's tokens from the second on.
    record PromptScores(List<TokenScore> scores) implements Output {}

    /// Text that nothing can take back any more, never empty unless only scores are there.
    ///
    /// @param tokens the scores of its tokens where they are wanted
    record Text(String text, List<TokenScore> tokens) implements Output {}

    /// The answer is complete.
    ///
    /// @param reason why it ended
    /// @param tokens tokens that were generated, a stop token included
    /// @param reused tokens of the prompt that were known from before
    record End(Reason reason, int tokens, int reused) implements Output {}

    /// The task cannot go on.
    record Failure(RuntimeException cause) implements Output {}

    /// Why an answer ended.
    enum Reason {
        /// A stop token or text.
        STOP,
        /// The limit of tokens.
        LENGTH
    }

    /// Hears the outputs of one task in order, on the engine's thread; must not take long.
    @FunctionalInterface
    interface Listener {
        /// Called for each.
        void on(Output output);
    }
}
