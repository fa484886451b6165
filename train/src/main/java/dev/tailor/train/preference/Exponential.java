package dev.tailor.train.preference;

/// `e^x`, continued above 80 by its tangent there: still convex, but never infinite.
final class Exponential {
    private static final double LAST = 80;

    private Exponential() {}

    static double of(double x) {
        return x <= LAST ? Math.exp(x) : Math.exp(LAST) * (1 + x - LAST);
    }

    static double slope(double x) {
        return Math.exp(Math.min(x, LAST));
    }
}
