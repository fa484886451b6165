package dev.tailor.train.internal.spectrum;

/// The score by which Spectrum ranks layers (arXiv 2406.06623 and the reference `spectrum.py`).
///
/// Singular values above the edge `e = sigma (1 + sqrt(beta))` count as signal, the others as
/// noise; `sigma` is the interquartile range of the singular values over 1.349 and `beta` the
/// aspect ratio. The Marchenko-Pastur edge of the paper has a factor `sqrt(columns)` that the
/// reference implementation leaves out; rankings follow the implementation.
public final class SignalToNoise {
    /// Interquartile range of the standard normal distribution.
    private static final double NORMAL_INTERQUARTILE_RANGE = 1.349;

    private SignalToNoise() {}

    /// The ratio of a matrix `[rows, columns]`, row-major.
    public static double of(float[] matrix, int rows, int columns) {
        return ofSingularValues(SingularValues.of(matrix, rows, columns), rows, columns);
    }

    /// The ratio from singular values in descending order.
    static double ofSingularValues(double[] values, int rows, int columns) {
        double sigma =
                (quantile(values, 0.75) - quantile(values, 0.25)) / NORMAL_INTERQUARTILE_RANGE;
        double beta = (double) Math.min(rows, columns) / Math.max(rows, columns);
        double edge = sigma * (1 + Math.sqrt(beta));
        double signal = 0;
        double noise = 0;
        for (double value : values) {
            if (value > edge) {
                signal += value;
            } else {
                noise += value;
            }
        }
        if (values[values.length - 1] > edge) {
            noise = 1;
        }
        return signal / noise / values[0];
    }

    /// Linear interpolation between the two nearest of the descending `values`.
    private static double quantile(double[] values, double q) {
        double position = (1 - q) * (values.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, values.length - 1);
        return values[below] + (position - below) * (values[above] - values[below]);
    }
}
