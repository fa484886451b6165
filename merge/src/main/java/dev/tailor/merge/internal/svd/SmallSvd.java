package dev.tailor.merge.internal.svd;

import java.util.Comparator;
import java.util.stream.IntStream;

/// The singular value decomposition `u * diag(singular) * transpose(v)` of a small square matrix by
/// one-sided Jacobi rotations (Hestenes 1958): accurate for small singular values too.
///
/// @param u `[size, size]`, orthonormal columns where the singular value is not 0
/// @param singular descending
/// @param v `[size, size]`, orthonormal columns
record SmallSvd(int size, double[] u, double[] singular, double[] v) {
    private static final int MAX_SWEEPS = 60;
    private static final double TOLERANCE = 1e-14;

    static SmallSvd of(int size, double[] matrix) {
        double[] a = matrix.clone();
        double[] v = new double[size * size];
        for (int i = 0; i < size; i++) {
            v[i * size + i] = 1;
        }
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < size - 1; p++) {
                for (int q = p + 1; q < size; q++) {
                    rotated |= rotate(size, a, v, p, q);
                }
            }
        }
        return sorted(size, a, v);
    }

    /// Makes columns p and q of `a` orthogonal.
    private static boolean rotate(int size, double[] a, double[] v, int p, int q) {
        double alpha = 0;
        double beta = 0;
        double gamma = 0;
        for (int i = 0; i < a.length; i += size) {
            alpha += a[i + p] * a[i + p];
            beta += a[i + q] * a[i + q];
            gamma += a[i + p] * a[i + q];
        }
        if (Math.abs(gamma) <= TOLERANCE * Math.sqrt(alpha * beta)) {
            return false;
        }
        double zeta = (beta - alpha) / (2 * gamma);
        double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = cosine * tangent;
        turn(size, a, p, q, cosine, sine);
        turn(size, v, p, q, cosine, sine);
        return true;
    }

    private static void turn(int size, double[] a, int p, int q, double cosine, double sine) {
        for (int i = 0; i < a.length; i += size) {
            double x = a[i + p];
            double y = a[i + q];
            a[i + p] = cosine * x - sine * y;
            a[i + q] = sine * x + cosine * y;
        }
    }

    private static SmallSvd sorted(int size, double[] a, double[] v) {
        double[] norms = new double[size];
        for (int c = 0; c < size; c++) {
            double sum = 0;
            for (int i = 0; i < a.length; i += size) {
                sum += a[i + c] * a[i + c];
            }
            norms[c] = Math.sqrt(sum);
        }
        int[] order =
                IntStream.range(0, size)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer c) -> -norms[c]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double[] u = new double[size * size];
        double[] sortedV = new double[size * size];
        double[] singular = new double[size];
        for (int c = 0; c < size; c++) {
            singular[c] = norms[order[c]];
            for (int i = 0; i < size; i++) {
                u[i * size + c] = singular[c] == 0 ? 0 : a[i * size + order[c]] / singular[c];
                sortedV[i * size + c] = v[i * size + order[c]];
            }
        }
        return new SmallSvd(size, u, singular, sortedV);
    }
}
