package dev.tailor.train.internal.spectrum;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/// Eigenvalues of a symmetric matrix: Householder reduction to tridiagonal form, then implicit QL
/// (Golub and Van Loan, Matrix Computations, 8.3; Dubrulle, Martin and Wilkinson 1968).
final class SymmetricEigenvalues {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    private static final int MAX_SWEEPS = 60;

    private SymmetricEigenvalues() {}

    /// The eigenvalues, ascending, of the matrix whose lower triangle is `a` `[n, n]` row-major;
    /// `a` is overwritten.
    static double[] of(double[] a, int n) {
        double[] diagonal = new double[n];
        double[] below = new double[n];
        tridiagonalise(a, n, diagonal, below);
        implicitQl(diagonal, below, n);
        Arrays.sort(diagonal);
        return diagonal;
    }

    /// Reduces from the last row upwards: row `i` of the lower triangle is contiguous, and so is
    /// every row that its reflection touches.
    private static void tridiagonalise(double[] a, int n, double[] diagonal, double[] below) {
        double[] p = new double[n];
        for (int i = n - 1; i > 0; i--) {
            int row = i * n;
            diagonal[i] = a[row + i];
            double norm = Math.sqrt(dot(a, row, a, row, i));
            if (norm == 0 || i == 1) {
                below[i] = a[row + i - 1];
                continue;
            }
            double last = a[row + i - 1];
            double alpha = last > 0 ? -norm : norm;
            below[i] = alpha;
            // v = x - alpha e, kept in the row itself; H = I - v vᵀ / h
            a[row + i - 1] = last - alpha;
            double h = norm * norm - last * alpha;
            reflect(a, n, i, p, h);
        }
        diagonal[0] = a[0];
        below[0] = 0;
    }

    /// Applies `H A H` to the leading `m x m` block; `v` is row `m` of `a`, `h = vᵀv / 2`.
    private static void reflect(double[] a, int n, int m, double[] p, double h) {
        int v = m * n;
        Arrays.fill(p, 0, m, 0);
        // p = A v / h, from the lower triangle alone: each row serves as row and as column
        for (int r = 0; r < m; r++) {
            p[r] += a[r * n + r] * a[v + r] + dotAndScatter(a, r * n, v, a[v + r], p, r);
        }
        for (int r = 0; r < m; r++) {
            p[r] /= h;
        }
        double k = dot(p, 0, a, v, m) / (2 * h);
        addScaled(p, 0, a, v, -k, m); // q = p - k v
        // A = A - v qᵀ - q vᵀ
        for (int r = 0; r < m; r++) {
            subtractTwo(a, r * n, p, 0, a[v + r], v, p[r], r + 1);
        }
    }

    /// One pass over a row of `a`: its dot product with `v`, while `factor` times the row is added
    /// to `p`.
    private static double dotAndScatter(
            double[] a, int row, int v, double factor, double[] p, int length) {
        int k = 0;
        DoubleVector sums = DoubleVector.zero(DOUBLES);
        DoubleVector factors = DoubleVector.broadcast(DOUBLES, factor);
        for (int bound = DOUBLES.loopBound(length); k < bound; k += DOUBLES.length()) {
            DoubleVector x = DoubleVector.fromArray(DOUBLES, a, row + k);
            sums = x.fma(DoubleVector.fromArray(DOUBLES, a, v + k), sums);
            x.fma(factors, DoubleVector.fromArray(DOUBLES, p, k)).intoArray(p, k);
        }
        double sum = Lanes.sum(sums);
        for (; k < length; k++) {
            sum += a[row + k] * a[v + k];
            p[k] += factor * a[row + k];
        }
        return sum;
    }

    private static double dot(double[] x, int xo, double[] y, int yo, int length) {
        int k = 0;
        double sum = 0;
        if (length >= 2 * DOUBLES.length()) {
            DoubleVector s0 = DoubleVector.zero(DOUBLES);
            DoubleVector s1 = s0;
            int lanes = DOUBLES.length();
            // two sums hide the latency of the fused multiply-add
            for (; k + 2 * lanes <= length; k += 2 * lanes) {
                s0 =
                        DoubleVector.fromArray(DOUBLES, x, xo + k)
                                .fma(DoubleVector.fromArray(DOUBLES, y, yo + k), s0);
                s1 =
                        DoubleVector.fromArray(DOUBLES, x, xo + k + lanes)
                                .fma(DoubleVector.fromArray(DOUBLES, y, yo + k + lanes), s1);
            }
            sum = Lanes.sum(s0.add(s1));
        }
        for (; k < length; k++) {
            sum += x[xo + k] * y[yo + k];
        }
        return sum;
    }

    /// x += factor * y.
    private static void addScaled(
            double[] x, int xo, double[] y, int yo, double factor, int length) {
        int k = 0;
        for (int bound = DOUBLES.loopBound(length); k < bound; k += DOUBLES.length()) {
            DoubleVector.fromArray(DOUBLES, y, yo + k)
                    .mul(factor)
                    .add(DoubleVector.fromArray(DOUBLES, x, xo + k))
                    .intoArray(x, xo + k);
        }
        for (; k < length; k++) {
            x[xo + k] += factor * y[yo + k];
        }
    }

    /// a[row..] -= vr * q[..] + qr * a[v..].
    private static void subtractTwo(
            double[] a, int row, double[] q, int qo, double vr, int v, double qr, int length) {
        int k = 0;
        for (int bound = DOUBLES.loopBound(length); k < bound; k += DOUBLES.length()) {
            DoubleVector.fromArray(DOUBLES, a, row + k)
                    .sub(DoubleVector.fromArray(DOUBLES, q, qo + k).mul(vr))
                    .sub(DoubleVector.fromArray(DOUBLES, a, v + k).mul(qr))
                    .intoArray(a, row + k);
        }
        for (; k < length; k++) {
            a[row + k] -= vr * q[qo + k] + qr * a[v + k];
        }
    }

    /// Diagonalises the tridiagonal matrix in place; `below[i]` couples `i - 1` and `i`.
    private static void implicitQl(double[] diagonal, double[] below, int n) {
        System.arraycopy(below, 1, below, 0, n - 1);
        if (n > 0) {
            below[n - 1] = 0;
        }
        for (int l = 0; l < n; l++) {
            for (int sweep = 0; ; sweep++) {
                int m = nextSplit(diagonal, below, l, n);
                if (m == l) {
                    break;
                }
                if (sweep == MAX_SWEEPS) {
                    throw new ArithmeticException("eigenvalues do not converge");
                }
                qlSweep(diagonal, below, l, m);
            }
        }
    }

    /// The first index from `l` on whose coupling to the next is negligible.
    private static int nextSplit(double[] diagonal, double[] below, int l, int n) {
        int m = l;
        while (m < n - 1) {
            double size = Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]);
            if (Math.abs(below[m]) <= Math.ulp(1.0) * size) {
                break;
            }
            m++;
        }
        return m;
    }

    private static void qlSweep(double[] diagonal, double[] below, int l, int m) {
        double g = (diagonal[l + 1] - diagonal[l]) / (2 * below[l]);
        double r = Math.hypot(g, 1);
        g = diagonal[m] - diagonal[l] + below[l] / (g + Math.copySign(r, g));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * below[i];
            double b = c * below[i];
            r = Math.sqrt(f * f + g * g);
            below[i + 1] = r;
            if (r == 0) {
                diagonal[i + 1] -= p;
                below[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = diagonal[i + 1] - p;
            r = (diagonal[i] - g) * s + 2 * c * b;
            p = s * r;
            diagonal[i + 1] = g + p;
            g = c * r - b;
        }
        diagonal[l] -= p;
        below[l] = g;
        below[m] = 0;
    }
}
