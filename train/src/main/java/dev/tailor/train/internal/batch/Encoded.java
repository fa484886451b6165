package dev.tailor.train.internal.batch;

import java.util.List;
import java.util.Optional;

/// What a sample became.
///
/// @param sequences what is learnt from it: one, several pieces, or a chosen and a rejected answer
/// @param truncated whether its end was cut off
/// @param withoutSpans whether the chat template does not say itself what the assistant wrote
/// @param dropped why nothing is learnt from it
record Encoded(
        List<Sequence> sequences,
        boolean truncated,
        boolean withoutSpans,
        Optional<String> dropped) {
    static Encoded of(List<Sequence> sequences, boolean truncated) {
        return new Encoded(sequences, truncated, false, Optional.empty());
    }

    static Encoded dropped(String reason) {
        return new Encoded(List.of(), false, false, Optional.of(reason));
    }

    /// The same, saying whether the chat template marks what the assistant wrote.
    Encoded from(boolean templateWithoutSpans) {
        return new Encoded(sequences, truncated, templateWithoutSpans, dropped);
    }
}
