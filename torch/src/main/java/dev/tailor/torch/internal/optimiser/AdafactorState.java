package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;

/// Adafactor (Shazeer and Stern 2018, algorithms 4 and 5) without momentum and relative step sizes:
/// second moments as means of rows and columns, updates whose root mean square is at most 1. A
/// vector is a matrix of one row whose columns are remembered one by one.
final class AdafactorState extends ParameterState {
    /// Keeps roots away from 0 (ε₁).
    private static final double EPSILON = 1e-30;

    /// β₂ of step t is `1 - t^-0.8`.
    private static final double DECAY_RATE = -0.8;

    /// Groups of rows whose column sums are added up by themselves, then in order.
    private static final int GROUPS = 64;

    private final double decay;
    private final int rows;
    private final int columns;
    private final Tensor rowMeans;
    private final Tensor columnMeans;

    AdafactorState(Parameter parameter, double decay) {
        super(parameter);
        this.decay = decay;
        this.columns = Math.toIntExact(parameter.shape().getLast());
        this.rows = Math.toIntExact(parameter.data().numel() / columns);
        this.rowMeans = keep(() -> Tensors.zeros(ScalarType.Float, rows));
        this.columnMeans = keep(() -> Tensors.zeros(ScalarType.Float, columns));
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("rows", rowMeans, "columns", columnMeans);
    }

    @Override
    void update(Tensor gradient, Step step) {
        Tiles gradients = Tiles.of(gradient, columns);
        float scale = (float) step.gradientScale();
        remember(gradients, scale, 1 - Math.pow(step.number(), DECAY_RATE));
        float[] rowFactors = rowFactors();
        float[] columnFactors = inverseRoots(columnMeans, 1);
        double clip = Math.max(1, size(gradients, scale, rowFactors, columnFactors));
        float rate = (float) (step.learningRate() / clip);
        float shrink = step.shrink(decay);
        Tiles values = values(columns);
        Parallel.rows(
                rows,
                (from, to) -> {
                    float[] g = new float[columns];
                    float[] x = new float[columns];
                    for (int r = from; r < to; r++) {
                        gradients.load(r, g);
                        values.load(r, x);
                        float factor = rate * scale * rowFactors[r];
                        for (int c = 0; c < columns; c++) {
                            x[c] = x[c] * shrink - factor * columnFactors[c] * g[c];
                        }
                        values.store(r, x);
                    }
                });
    }

    /// Takes the squares of the gradient into the means.
    private void remember(Tiles gradients, float scale, double beta2) {
        double[] ofRows = new double[rows];
        int groups = Math.min(GROUPS, rows);
        double[][] ofColumns = new double[groups][];
        Parallel.rows(
                groups,
                (from, to) -> {
                    float[] g = new float[columns];
                    for (int group = from; group < to; group++) {
                        double[] sums = new double[columns];
                        int end = (int) ((long) rows * (group + 1) / groups);
                        for (int r = (int) ((long) rows * group / groups); r < end; r++) {
                            gradients.load(r, g);
                            ofRows[r] = addSquares(g, scale, sums) / columns;
                        }
                        ofColumns[group] = sums;
                    }
                });
        double[] means = new double[columns];
        for (double[] sums : ofColumns) {
            for (int c = 0; c < columns; c++) {
                means[c] += sums[c] / rows;
            }
        }
        mix(rowMeans, beta2, ofRows);
        mix(columnMeans, beta2, means);
    }

    /// Adds g² + ε to the sums of the columns; returns the sum of the row.
    private static double addSquares(float[] g, float scale, double[] sums) {
        double sum = 0;
        for (int c = 0; c < g.length; c++) {
            double scaled = g[c] * scale;
            double square = scaled * scaled + EPSILON;
            sums[c] += square;
            sum += square;
        }
        return sum;
    }

    private static void mix(Tensor means, double beta2, double[] fresh) {
        MemorySegment memory = Tensors.memory(means);
        for (int i = 0; i < fresh.length; i++) {
            double old = memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            memory.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, (float) (beta2 * old + (1 - beta2) * fresh[i]));
        }
    }

    /// The estimate of a square is `row mean · column mean / mean of all`; a vector's is its
    /// column's alone.
    private float[] rowFactors() {
        if (rows == 1) {
            return new float[] {1};
        }
        double sum = 0;
        MemorySegment memory = Tensors.memory(rowMeans);
        for (int r = 0; r < rows; r++) {
            sum += memory.getAtIndex(ValueLayout.JAVA_FLOAT, r);
        }
        return inverseRoots(rowMeans, sum / rows);
    }

    private static float[] inverseRoots(Tensor means, double unit) {
        float[] roots = Tensors.floats(means);
        for (int i = 0; i < roots.length; i++) {
            roots[i] = (float) (1 / Math.sqrt(roots[i] / unit));
        }
        return roots;
    }

    /// The root mean square of the update before it is clipped.
    private double size(Tiles gradients, float scale, float[] rowFactors, float[] columnFactors) {
        double[] sums = new double[rows];
        Parallel.rows(
                rows,
                (from, to) -> {
                    float[] g = new float[columns];
                    for (int r = from; r < to; r++) {
                        gradients.load(r, g);
                        double sum = 0;
                        for (int c = 0; c < columns; c++) {
                            double u = (double) g[c] * scale * rowFactors[r] * columnFactors[c];
                            sum += u * u;
                        }
                        sums[r] = sum;
                    }
                });
        return Math.sqrt(Arrays.stream(sums).sum() / ((double) rows * columns));
    }
}
