package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.nio.file.Path;
import java.util.Optional;

/// Ends a run whose numbers are no longer numbers.
final class Finite {
    private Finite() {}

    /// Checks the loss and the gradient norm of a step, before anything is changed by it.
    static void check(
            String stage, long step, double loss, double gradientNorm, Optional<Path> checkpoint) {
        if (Double.isFinite(loss) && Double.isFinite(gradientNorm)) {
            return;
        }
        String what =
                Double.isFinite(loss)
                        ? "the gradient norm is " + gradientNorm
                        : "the loss is " + loss;
        String kept =
                checkpoint
                        .map(path -> "the last good checkpoint is kept in " + path)
                        .orElse("no checkpoint was due before");
        throw TailorException.of(
                        ErrorCode.TRAINING_DIVERGED,
                        "training diverged at step %d: %s".formatted(step, what))
                .at("stage " + stage)
                .remedy("lower the learning rate, or lengthen the warm-up; " + kept);
    }
}
