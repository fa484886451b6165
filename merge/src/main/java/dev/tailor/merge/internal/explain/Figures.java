package dev.tailor.merge.internal.explain;

import java.util.Locale;

/// Numbers as people read them.
final class Figures {
    private Figures() {}

    /// A share in percent, with about three digits, without the sign.
    static String percent(double share) {
        double value = 100 * share;
        if (Double.isNaN(value)) {
            return "–";
        }
        if (value == 0) {
            return "0";
        }
        if (Math.abs(value) < 0.005) {
            return format("%.0e", value).replace("e-0", "e-");
        }
        if (Math.abs(value) > 99.95 && Math.abs(value) < 100.05) {
            return value > 0 ? "100" : "-100";
        }
        return format(Math.abs(value) < 9.995 ? "%.2f" : "%.1f", value);
    }

    /// A cosine: what matters is how far it is from 1.
    static String cosine(double cosine) {
        if (Double.isNaN(cosine)) {
            return "–";
        }
        String text = format("%.5f", cosine);
        return text.equals("1.00000") ? "1" : text.replaceFirst("^(-?)0\\.", "$1.");
    }

    /// Many digits, for who looks closer.
    static String exact(double value) {
        return Double.isNaN(value) ? "not defined" : format("%.9g", value);
    }

    static String count(long count) {
        return format("%,d", count);
    }

    /// `1.10 billion`, `3.2 million`.
    static String millions(long count) {
        if (count >= 1_000_000_000) {
            return format("%.2f billion", count / 1e9);
        }
        return count >= 1_000_000 ? format("%.1f million", count / 1e6) : count(count);
    }

    static String bytes(long bytes) {
        if (bytes >= 1_000_000_000) {
            return format("%.2f GB", bytes / 1e9);
        }
        return bytes >= 1_000_000 ? format("%.1f MB", bytes / 1e6) : format("%.1f kB", bytes / 1e3);
    }

    static String seconds(double seconds) {
        return seconds < 90
                ? format("%.1f s", seconds)
                : format("%d min %02d s", (long) seconds / 60, (long) seconds % 60);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
