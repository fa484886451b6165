package dev.tailor.tensors.internal.nf4;

import java.util.Arrays;

/// The 256 numbers of the dynamic 8-bit format (Dettmers et al. 2022, arXiv 2110.02861): both signs
/// of seven decades, each with twice as many numbers as the one below, and 0 and 1.
public final class DynamicMap {
    private static final int DECADES = 7;
    private static final float[] VALUES = values();

    private DynamicMap() {}

    /// The numbers, rising, in the single-precision arithmetic of PyTorch's `linspace`.
    public static float[] values() {
        float[] values = new float[256];
        int count = 0;
        for (int decade = 0; decade < DECADES; decade++) {
            int steps = 1 << decade;
            float power = (float) Math.pow(10, decade - (DECADES - 1));
            for (int i = 0; i < steps; i++) {
                float value = power * ((boundary(i, steps) + boundary(i + 1, steps)) / 2);
                values[count++] = value;
                values[count++] = -value;
            }
        }
        values[count++] = 0;
        values[count] = 1;
        Arrays.sort(values);
        return values;
    }

    /// Point `i` of `steps + 1` evenly spaced ones from 0.1 to 1; PyTorch counts the upper half
    /// down from the end, and rounds once a point.
    private static float boundary(int i, int steps) {
        float step = (1f - 0.1f) / steps;
        return i < (steps + 1) / 2 ? Math.fma(step, i, 0.1f) : Math.fma(-step, steps - i, 1f);
    }

    /// The number of the nearest value; of two equally near ones, the lower.
    public static int nearest(float x) {
        int place = Arrays.binarySearch(VALUES, x);
        if (place >= 0) {
            return place;
        }
        int above = Math.min(-place - 1, VALUES.length - 1);
        int below = Math.max(above - 1, 0);
        return Math.abs(x - VALUES[below]) <= Math.abs(x - VALUES[above]) ? below : above;
    }

    /// The value of a code.
    public static float value(byte code) {
        return VALUES[code & 0xFF];
    }
}
