package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.nio.file.Path;
import java.util.Optional;

/// The end of a run whose numbers lead nowhere.
final class Divergence {
    private Divergence() {}

    /// The error that names the step; nothing has been changed by it yet.
    static TailorException at(String stage, long step, String what, Optional<Path> checkpoint) {
        String kept =
                checkpoint
                        .map(path -> "the last good checkpoint is kept in " + path)
                        .orElse("no checkpoint was due before");
        return TailorException.of(
                        ErrorCode.TRAINING_DIVERGED,
                        "training diverged at step %d: %s".formatted(step, what))
                .at("stage " + stage)
                .remedy("lower the learning rate, or lengthen the warm-up; " + kept);
    }
}
