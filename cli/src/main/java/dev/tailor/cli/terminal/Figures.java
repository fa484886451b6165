package dev.tailor.cli.terminal;

import java.util.Locale;

/// Numbers as people read them.
public final class Figures {
    private Figures() {}

    /// `512 B`, `1.4 MB`, `2.1 GB` (powers of 1000).
    public static String bytes(long bytes) {
        return scaled(bytes, new String[] {" B", " kB", " MB", " GB", " TB", " PB"});
    }

    /// `830`, `12.5k`, `3.1M`.
    public static String count(double count) {
        return scaled(count, new String[] {"", "k", "M", "G", "T", "P"});
    }

    /// `0.8s`, `42s`, `3m05s`, `2h10m`, `3d04h`.
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1fs", seconds);
        }
        if (whole < 60) {
            return whole + "s";
        }
        if (whole < 3600) {
            return String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60);
        }
        if (whole < 86400) {
            return String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole / 60 % 60);
        }
        return String.format(Locale.ROOT, "%dd%02dh", whole / 86400, whole / 3600 % 24);
    }

    /// Four significant digits, without an exponent where it is avoidable: `2.314`, `0.0002`,
    /// `1.2e-07`.
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return String.valueOf((long) value);
        }
        double size = Math.abs(value);
        String format = size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : size >= 0.1 ? "%.3f" : "%.2g";
        return size < 0.1 && size >= 1e-4
                ? String.format(Locale.ROOT, "%.4f", value)
                : size < 1e-4
                        ? String.format(Locale.ROOT, "%.2e", value)
                        : String.format(Locale.ROOT, format, value);
    }

    private static String scaled(double value, String[] units) {
        int unit = 0;
        double scaled = value;
        while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
            scaled /= 1000;
            unit++;
        }
        String format = unit == 0 || Math.abs(scaled) >= 99.95 ? "%.0f%s" : "%.1f%s";
        return String.format(Locale.ROOT, format, scaled, units[unit]);
    }
}
