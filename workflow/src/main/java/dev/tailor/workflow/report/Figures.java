package dev.tailor.workflow.report;

import java.util.Locale;
import java.util.Set;

/// How numbers are written in the report.
final class Figures {
    /// Metrics that are shares of samples and read best as percentages.
    private static final Set<String> SHARES =
            Set.of(
                    "exact_match",
                    "f1",
                    "rouge_l",
                    "accuracy",
                    "preference_accuracy",
                    "prompt_level_strict_acc",
                    "prompt_level_loose_acc",
                    "inst_level_strict_acc",
                    "inst_level_loose_acc");

    private Figures() {}

    /// A number with as many digits as it deserves: 0.0012, 0.012, 1.23, 12.3, 123, 12,345.
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < 0.001) {
            return String.format(Locale.ROOT, "%.1e", value).replace("e-0", "e-");
        }
        String format =
                size >= 100
                        ? "%,.0f"
                        : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : size >= 0.01 ? "%.3f" : "%.4f";
        return String.format(Locale.ROOT, format, value).replace("-", "−");
    }

    /// A metric's value: shares in per cent.
    static String metric(String name, double value) {
        return isShare(name) ? percent(value) : number(value);
    }

    /// A difference with its sign: shares in percentage points.
    static String difference(String name, double value) {
        String sign = value > 0 ? "+" : value < 0 ? "−" : "±";
        double size = Math.abs(value);
        return sign
                + (isShare(name) ? String.format(Locale.ROOT, "%.1f", 100 * size) : number(size));
    }

    /// The unit of a difference.
    static String differenceUnit(String name) {
        return isShare(name) ? " points" : "";
    }

    static boolean isShare(String name) {
        return SHARES.contains(name);
    }

    /// `12.3 %`.
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /// A whole number with separators.
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /// `1.5 GB`: powers of ten.
    static String bytes(double bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return number(value) + " " + units[unit];
    }

    /// `3 min 20 s`.
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 1) {
            return "under 1 s";
        }
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return whole / 60 + " min " + whole % 60 + " s";
        }
        return whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    /// A metric of a task in words: `exact match on holdout`, `bits per byte of manuals`.
    static String words(String metric, String task) {
        return task.startsWith("perplexity:")
                ? words(metric) + " of " + task.substring("perplexity:".length())
                : words(metric) + " on " + task;
    }

    /// A metric's name in words.
    static String words(String name) {
        return switch (name) {
            case "f1" -> "token F1";
            case "rouge_l" -> "ROUGE-L";
            case "bits_per_byte" -> "bits per byte";
            default -> name.replace('_', ' ');
        };
    }
}
