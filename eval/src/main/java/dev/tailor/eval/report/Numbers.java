package dev.tailor.eval.report;

import java.util.Locale;

/// How numbers are written on boards and pages.
final class Numbers {
    private Numbers() {}

    /// Three decimals for shares, fewer for large figures.
    static String figure(double value) {
        double size = Math.abs(value);
        String format = size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /// The same with its sign.
    static String signed(double value) {
        return (value < 0 ? "" : "+") + figure(value);
    }

    /// A p-value.
    static String probability(double p) {
        return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }
}
