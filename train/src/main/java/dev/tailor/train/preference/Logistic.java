package dev.tailor.train.preference;

/// The logistic function and its integral, without overflow.
final class Logistic {
    private Logistic() {}

    /// `s(x) = 1 / (1 + e^-x)`.
    static double of(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    /// The derivative `s(x) s(-x)`.
    static double slope(double x) {
        return of(x) * of(-x);
    }

    /// `log(1 + e^x)`, which is `-log s(-x)`; its derivative is `s(x)`.
    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
