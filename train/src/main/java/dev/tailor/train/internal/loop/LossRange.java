package dev.tailor.train.internal.loop;

import java.util.Arrays;
import java.util.Optional;

/// Tells losses that a run can go on from.
final class LossRange {
    /// Losses that make up the median.
    private static final int WINDOW = 64;

    /// Fewer say nothing about what is usual.
    private static final int FEWEST = 16;

    private LossRange() {}

    /// What is wrong with a step that is no number, if anything.
    static Optional<String> notFinite(double loss, double gradientNorm) {
        if (!Double.isFinite(loss)) {
            return Optional.of("the loss is " + loss);
        }
        return Double.isFinite(gradientNorm)
                ? Optional.empty()
                : Optional.of("the gradient norm is " + gradientNorm);
    }

    /// What is wrong with a loss that is more than `multiple` times the median of the last ones.
    static Optional<String> spike(double loss, double[] losses, double multiple) {
        if (losses.length < FEWEST) {
            return Optional.empty();
        }
        double[] recent =
                Arrays.copyOfRange(losses, Math.max(0, losses.length - WINDOW), losses.length);
        Arrays.sort(recent);
        int middle = recent.length / 2;
        double median =
                recent.length % 2 == 1 ? recent[middle] : (recent[middle - 1] + recent[middle]) / 2;
        return loss > multiple * median
                ? Optional.of(
                        "the loss is %.4f, more than %s times the usual %.4f"
                                .formatted(loss, multiple, median))
                : Optional.empty();
    }
}
