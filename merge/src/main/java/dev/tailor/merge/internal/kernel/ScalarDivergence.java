package dev.tailor.merge.internal.kernel;

/// [MergeKernels#divergence] one number at a time.
///
/// As both distributions add up to the same, `Σ p log(p / q)` is `Σ p (c - log(1 + c))` with the
/// change `c = q / p - 1`: terms that are never negative and do not cancel, however close the two
/// are.
final class ScalarDivergence {
    /// Changes up to this go by the series.
    static final double SMALL_CHANGE = 0x1p-5;

    /// `c - log(1 + c) = c² (1/2 - c/3 + c²/4 ...)`, the last coefficient first; for small changes
    /// more terms would not show.
    static final double[] SERIES = new double[11];

    static {
        for (int i = 0; i < SERIES.length; i++) {
            SERIES[SERIES.length - 1 - i] = (i % 2 == 0 ? 1.0 : -1.0) / (i + 2);
        }
    }

    private ScalarDivergence() {}

    static double of(float[] x, float[] y, int from, int n, double[] p, double[] q) {
        double factorP = 1 / exponentials(x, from, max(x, from, n), 0, n, p);
        double factorQ = 1 / exponentials(y, from, max(y, from, n), 0, n, q);
        return terms(p, q, factorP, factorQ, 0, n);
    }

    static double max(float[] x, int from, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + n; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    /// `into = exp(x - max)` for the elements of a row from `begin` on; returns the sum.
    static double exponentials(float[] x, int from, double max, int begin, int n, double[] into) {
        double sum = 0;
        for (int i = begin; i < n; i++) {
            into[i] = Math.exp(x[from + i] - max);
            sum += into[i];
        }
        return sum;
    }

    static double terms(double[] p, double[] q, double factorP, double factorQ, int begin, int n) {
        double sum = 0;
        for (int i = begin; i < n; i++) {
            sum +=
                    term(
                            p[i] * factorP + MergeKernels.LEAST_PROBABILITY,
                            q[i] * factorQ + MergeKernels.LEAST_PROBABILITY);
        }
        return sum;
    }

    static double term(double p, double q) {
        double change = (q - p) / p;
        if (Math.abs(change) > SMALL_CHANGE) {
            return p * (change - Math.log(q / p));
        }
        double series = SERIES[0];
        for (int k = 1; k < SERIES.length; k++) {
            series = series * change + SERIES[k];
        }
        return p * change * change * series;
    }
}
