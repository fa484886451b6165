package dev.tailor.merge.internal.source;

import dev.tailor.merge.internal.source.TensorChange.Magnitude;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Gives the rows (or columns) of one matrix the lengths that DoRA learnt: `W' = m / ‖V‖ * V` with
/// `V = W + s B A` (Liu and others 2024, equation 5). Lengths are summed in double precision, in
/// the order of the elements, so they do not depend on how the matrix is cut.
final class MagnitudeScaling {
    private static final int MOST_BYTES_PER_ELEMENT = 8;
    private static final int PIECE = 1 << 15;

    private final long rows;
    private final int columns;
    private final Magnitude magnitude;
    private final Reader unscaled;
    private final Object lock = new Object();
    private float[] ofColumns = new float[0];

    /// Reads `V`.
    @FunctionalInterface
    interface Reader {
        /// Reads `n` elements from `first` on; `raw` holds `n` elements of any type.
        void read(long first, int n, float[] target, MemorySegment raw);
    }

    MagnitudeScaling(TensorInfo info, Magnitude magnitude, Reader unscaled) {
        this.rows = info.shape().get(0);
        this.columns = Math.toIntExact(info.shape().get(1));
        this.magnitude = magnitude;
        this.unscaled = unscaled;
    }

    /// Scales elements `first` to `first + n`, which hold `V`.
    void apply(long first, int n, float[] target) {
        float[] byColumn = magnitude.ofColumns() ? columnFactors() : new float[0];
        int done = 0;
        while (done < n) {
            int row = Math.toIntExact((first + done) / columns);
            int from = (int) ((first + done) % columns);
            int to = Math.min(columns, from + n - done);
            if (magnitude.ofColumns()) {
                for (int j = from; j < to; j++) {
                    target[done + j - from] *= byColumn[j];
                }
            } else {
                float factor = to - from == columns ? rowFactor(row, target, done) : rowFactor(row);
                for (int j = from; j < to; j++) {
                    target[done + j - from] *= factor;
                }
            }
            done += to - from;
        }
    }

    private float rowFactor(int row, float[] values, int at) {
        double sum = 0;
        for (int j = at; j < at + columns; j++) {
            sum += (double) values[j] * values[j];
        }
        return factor(row, sum);
    }

    /// A row of which only a part is at hand is read whole.
    private float rowFactor(int row) {
        float[] values = new float[columns];
        try (Arena arena = Arena.ofConfined()) {
            unscaled.read(
                    (long) row * columns,
                    columns,
                    values,
                    arena.allocate((long) columns * MOST_BYTES_PER_ELEMENT));
        }
        return rowFactor(row, values, 0);
    }

    /// What is 0 has no direction and stays 0.
    private float factor(int index, double sumOfSquares) {
        return sumOfSquares == 0
                ? 0
                : (float) (magnitude.lengths()[index] / Math.sqrt(sumOfSquares));
    }

    /// Summed over the whole matrix when they are first asked for.
    private float[] columnFactors() {
        synchronized (lock) {
            if (ofColumns.length < columns) {
                ofColumns = summedColumns();
            }
            return ofColumns;
        }
    }

    private float[] summedColumns() {
        double[] sums = new double[columns];
        int rowsAtOnce = Math.max(1, PIECE / columns);
        float[] values = new float[rowsAtOnce * columns];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment raw = arena.allocate((long) values.length * MOST_BYTES_PER_ELEMENT);
            for (long row = 0; row < rows; row += rowsAtOnce) {
                int n = (int) Math.min(rowsAtOnce, rows - row) * columns;
                unscaled.read(row * columns, n, values, raw);
                for (int i = 0; i < n; i++) {
                    sums[i % columns] += (double) values[i] * values[i];
                }
            }
        }
        float[] factors = new float[columns];
        for (int j = 0; j < columns; j++) {
            factors[j] = factor(j, sums[j]);
        }
        return factors;
    }
}
