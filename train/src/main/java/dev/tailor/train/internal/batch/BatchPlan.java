package dev.tailor.train.internal.batch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Which sequences every step sees. A function of the seed and the step alone, so that a run that
/// continues needs no other memory of where it was.
///
/// Rows are put into order anew in every epoch; `batchSize` rows make one forward pass and
/// `gradientAccumulation` passes one step. The last step of an epoch takes what is left.
public final class BatchPlan {
    private final List<int[]> rows;
    private final int batchSize;
    private final int gradientAccumulation;
    private final EpochOrder epochs;

    private long shuffledEpoch = -1;
    private int @Nullable [] shuffled;

    /// @param rows the sequences of each row
    public BatchPlan(List<int[]> rows, int batchSize, int gradientAccumulation, EpochOrder epochs) {
        this.rows = rows;
        this.batchSize = batchSize;
        this.gradientAccumulation = gradientAccumulation;
        this.epochs = epochs;
    }

    /// The number of rows.
    public int rows() {
        return rows.size();
    }

    /// Steps that see every row once.
    public long stepsPerEpoch() {
        int perStep = batchSize * gradientAccumulation;
        return (rows.size() + perStep - 1L) / perStep;
    }

    /// Steps of a run.
    public long steps(double epochs, long atMost) {
        return Math.min(atMost, Math.max(1, (long) Math.ceil(epochs * stepsPerEpoch() - 1e-9)));
    }

    /// The sequences of every forward pass of step `step` (from 0).
    public List<int[]> passes(long step) {
        long epoch = step / stepsPerEpoch();
        int perStep = batchSize * gradientAccumulation;
        int first = Math.toIntExact(step % stepsPerEpoch()) * perStep;
        int[] order = order(epoch);
        List<int[]> passes = new ArrayList<>(gradientAccumulation);
        int end = Math.min(first + perStep, order.length);
        for (int from = first; from < end; from += batchSize) {
            passes.add(sequences(order, from, Math.min(from + batchSize, end)));
        }
        return passes;
    }

    /// All rows in their own order, `batchSize` at a time: for measuring, not for learning.
    public List<int[]> inOrder() {
        int[] order = new int[rows.size()];
        java.util.Arrays.setAll(order, i -> i);
        List<int[]> passes = new ArrayList<>();
        for (int from = 0; from < order.length; from += batchSize) {
            passes.add(sequences(order, from, Math.min(from + batchSize, order.length)));
        }
        return passes;
    }

    private int[] sequences(int[] order, int from, int to) {
        return java.util.stream.IntStream.range(from, to)
                .flatMap(i -> java.util.Arrays.stream(rows.get(order[i])))
                .toArray();
    }

    private int[] order(long epoch) {
        int[] order = shuffled;
        if (order == null || shuffledEpoch != epoch) {
            order = epochs.of(epoch, rows.size(), batchSize * gradientAccumulation);
            shuffled = order;
            shuffledEpoch = epoch;
        }
        return order;
    }
}
