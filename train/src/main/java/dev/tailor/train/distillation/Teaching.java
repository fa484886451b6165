package dev.tailor.train.distillation;

import java.nio.file.Path;
import java.util.Optional;

/// When a teacher is asked.
public sealed interface Teaching {
    /// As the student learns: the teacher reads every batch too, and all of its logits count.
    record Online() implements Teaching {}

    /// Before the student learns, once; its likeliest tokens are kept on disk.
    ///
    /// @param top tokens kept for each position
    /// @param stores where stores lie; the stage's own cache if empty
    record Stored(int top, MissingMass missing, StorePrecision precision, Optional<Path> stores)
            implements Teaching {
        public Stored {
            if (top < 1) {
                throw new IllegalArgumentException("top must be at least 1, not " + top);
            }
        }
    }
}
