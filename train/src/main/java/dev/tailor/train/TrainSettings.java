package dev.tailor.train;

import dev.tailor.torch.Activations;
import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;

import java.util.OptionalLong;

/// The settings of a training stage that do not depend on what it learns.
///
/// @param sequenceLength positions of a row, at least 2. A sample of `sequenceLength + 1` tokens
///   still fits: its last token is predicted, never read
/// @param epochs passes over the data, may be a fraction
/// @param maxSteps ends the run after so many steps if the epochs are not over before
/// @param batchSize what one forward pass takes: packed rows, or samples where nothing is packed
/// @param gradientAccumulation forward passes of one step; the loss is the mean over all their
///   tokens (or pairs), whatever pass they fall into
/// @param learningRate the peak
/// @param warmup a share of the run's steps if below 1, else a number of steps
/// @param maxGradNorm gradients longer than this are shortened to it; 0 for no limit
/// @param precision the number format of weights and activations
/// @param evaluationEvery steps between measurements on the held-out data; 0: before the first and
///   after the last step only
/// @param checkpointEvery steps between checkpoints; 0 for none by steps
/// @param checkpointMinutes a checkpoint is also due after so much time; 0 for none by time
public record TrainSettings(
        int sequenceLength,
        double epochs,
        OptionalLong maxSteps,
        int batchSize,
        int gradientAccumulation,
        double learningRate,
        Schedule schedule,
        double warmup,
        OptimizerSettings optimizer,
        double maxGradNorm,
        Precision precision,
        Activations activations,
        int evaluationEvery,
        int checkpointEvery,
        double checkpointMinutes,
        Refinements refinements) {
    /// Checks the ranges.
    public TrainSettings {
        require(sequenceLength >= 2, "sequence length", sequenceLength, "at least 2");
        require(epochs > 0 && Double.isFinite(epochs), "epochs", epochs, "positive");
        require(maxSteps.orElse(1) >= 1, "max steps", maxSteps.orElse(1), "at least 1");
        require(batchSize >= 1, "batch size", batchSize, "at least 1");
        require(
                gradientAccumulation >= 1,
                "gradient accumulation",
                gradientAccumulation,
                "at least 1");
        require(
                learningRate >= 0 && Double.isFinite(learningRate),
                "learning rate",
                learningRate,
                "a number from 0 on");
        require(warmup >= 0 && Double.isFinite(warmup), "warm-up", warmup, "at least 0");
        require(maxGradNorm >= 0, "max grad norm", maxGradNorm, "at least 0");
        require(evaluationEvery >= 0, "evaluation every", evaluationEvery, "at least 0");
        require(checkpointEvery >= 0, "checkpoint every", checkpointEvery, "at least 0");
        require(checkpointMinutes >= 0, "checkpoint minutes", checkpointMinutes, "at least 0");
        refinements.check(optimizer);
    }

    /// Three epochs of rows of 512 positions, 8 rows a step, AdamW at 2e-5 with a cosine schedule,
    /// 3 % warm-up and clipping at 1, in float32; a checkpoint every 5 minutes.
    public static TrainSettings defaults() {
        return new TrainSettings(
                512,
                3,
                OptionalLong.empty(),
                8,
                1,
                2e-5,
                new Schedule.Cosine(0),
                0.03,
                AdamWSettings.defaults(0),
                1,
                Precision.FLOAT32,
                Activations.KEEP,
                0,
                0,
                5,
                Refinements.none());
    }

    /// Steps of rising learning rate in a run of `total` steps.
    public long warmupSteps(long total) {
        return warmup < 1 ? (long) Math.ceil(warmup * total) : Math.min(total, Math.round(warmup));
    }

    /// The learning rate of step `step` (from 0) of `total`.
    public double learningRate(long step, long total) {
        return learningRate * schedule.factor(step, warmupSteps(total), total);
    }

    /// The same with other passes of the model.
    public TrainSettings withPasses(
            int size, int accumulation, Precision format, Activations kept) {
        return new TrainSettings(
                sequenceLength,
                epochs,
                maxSteps,
                size,
                accumulation,
                learningRate,
                schedule,
                warmup,
                optimizer,
                maxGradNorm,
                format,
                kept,
                evaluationEvery,
                checkpointEvery,
                checkpointMinutes,
                refinements);
    }

    private static void require(boolean holds, String name, double value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + rule + ", not " + value);
        }
    }
}
