package dev.tailor.merge.internal.explain;

/// Quotients of sums that may be 0; NaN where they are not defined.
final class Ratio {
    private Ratio() {}

    static double of(double part, double whole) {
        return whole == 0 ? Double.NaN : part / whole;
    }

    /// The cosine of two vectors from `x·x`, `x·y` and `y·y`.
    static double cosine(double xx, double xy, double yy) {
        double cosine = of(xy, Math.sqrt(xx) * Math.sqrt(yy));
        return Double.isNaN(cosine) ? cosine : Math.clamp(cosine, -1.0, 1.0);
    }

    /// The cosine of `x` and `x + d` from `x·x`, `x·d` and `d·d`.
    static double cosineOfSum(double xx, double xd, double dd) {
        return cosine(xx, xx + xd, Math.max(0, xx + 2 * xd + dd));
    }
}
