package dev.tailor.train;

import java.util.Map;

/// What a finished stage has to show.
///
/// @param steps optimiser updates
/// @param tokens positions the model has read
/// @param finalLoss the mean loss of the last tenth of the steps (at least one)
/// @param lossDigest a digest of every step's loss, bit for bit: equal for a run that was stopped
///   and continued and one that was not
/// @param evaluation held-out measurements before the first (`before/...`) and after the last step
///   (`after/...`), and `best/step` where the best step's weights are the result; empty without
///   held-out data
/// @param seconds time spent training, over all runs that contributed
/// @param returns how often the guard went back to an earlier state
/// @param peakMemoryBytes the most resident memory of this process
public record TrainResult(
        long steps,
        long tokens,
        double finalLoss,
        String lossDigest,
        Map<String, Double> evaluation,
        double seconds,
        int returns,
        long trainableParameters,
        long peakMemoryBytes,
        DataSummary data) {}
