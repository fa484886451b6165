package dev.tailor.train.internal.estimate;

import dev.tailor.train.internal.batch.Prepared;

import java.util.Arrays;

/// The largest forward pass of the first epoch.
///
/// @param positions what the model reads at once
public record PassSize(long positions) {
    /// Looks at the lengths only.
    public static PassSize largest(Prepared data) {
        long largest = 0;
        for (long step = 0; step < data.plan().stepsPerEpoch(); step++) {
            for (int[] pass : data.plan().passes(step)) {
                long positions =
                        Arrays.stream(pass).mapToLong(s -> data.tokens().length(s) - 1).sum();
                largest = Math.max(largest, positions);
            }
        }
        return new PassSize(largest);
    }
}
