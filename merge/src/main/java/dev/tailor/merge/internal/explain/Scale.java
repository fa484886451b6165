package dev.tailor.merge.internal.explain;

import java.util.Arrays;

/// From numbers to colours: 0 is the weakest colour, 100 the strongest. A few numbers far beyond
/// all others share the strongest colour, so that the others can be told apart.
///
/// @param weak the number of the weakest colour
/// @param strong the number of the strongest colour
/// @param clamped whether there are numbers beyond `strong`
record Scale(double weak, double strong, boolean clamped) {
    private static final double OUTLYING = 3;
    private static final double SAME = 1e-9;

    /// @param values those that are to be seen, without NaN; at least one
    static Scale of(double[] values, boolean strongIsLow) {
        double sign = strongIsLow ? -1 : 1;
        double[] sorted = Arrays.stream(values).map(value -> sign * value).sorted().toArray();
        double lowest = sorted[0];
        double middle = sorted[sorted.length / 2];
        double high = sorted[(int) (0.97 * (sorted.length - 1))];
        double highest = sorted[sorted.length - 1];
        boolean clamped = high > middle && highest - middle > OUTLYING * (high - middle);
        return new Scale(sign * lowest, sign * (clamped ? high : highest), clamped);
    }

    /// Whether all numbers are the same.
    boolean isFlat() {
        return Math.abs(strong - weak) <= SAME * Math.max(Math.abs(strong), Math.abs(weak));
    }

    /// How strong the colour of a number is, from 0 to 100.
    int strength(double value) {
        return isFlat()
                ? 0
                : (int) Math.round(100 * Math.clamp((value - weak) / (strong - weak), 0.0, 1.0));
    }
}
