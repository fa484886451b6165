package dev.tailor.train;

/// What became of texts with questions and answers about them.
///
/// @param chains sequences made of them
/// @param texts texts in these sequences
/// @param pairs questions with their answers in these sequences
/// @param shortened sequences that end before their last text because it did not fit; it begins the
///   next one
/// @param pairsLeftOut questions with their answers that did not fit even beside their text alone
public record ChainSummary(long chains, long texts, long pairs, long shortened, long pairsLeftOut) {
    /// Of data without any.
    public static final ChainSummary NONE = new ChainSummary(0, 0, 0, 0, 0);

    /// Whether there was any such text.
    public boolean any() {
        return chains > 0 || pairsLeftOut > 0;
    }

    /// In one sentence.
    @Override
    public String toString() {
        return ("%d texts with %d questions and answers stand in %d sequences, %d of which end"
                        + " early because the next text did not fit")
                .formatted(texts, pairs, chains, shortened);
    }
}
