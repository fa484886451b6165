package dev.tailor.train;

/// How texts with questions and answers about them are learnt: instruction pre-training (Cheng et
/// al. 2024, arXiv 2406.14491).
///
/// @param shots texts of one source that stand one after another in a sequence, at most (the M of
///   the paper's M-shot examples); at least 1
/// @param varied whether every sequence has a layout of its own, drawn by the seed; else all have
///   the plainest one
public record Augmentation(int shots, boolean varied) {
    /// Checks the range.
    public Augmentation {
        if (shots < 1) {
            throw new IllegalArgumentException("shots must be at least 1, not " + shots);
        }
    }

    /// Three texts in layouts that vary.
    public static Augmentation standard() {
        return new Augmentation(3, true);
    }

    /// Each text by itself, plainly.
    public static Augmentation single() {
        return new Augmentation(1, false);
    }
}
