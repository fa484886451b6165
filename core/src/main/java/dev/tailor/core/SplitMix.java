package dev.tailor.core;

import java.util.random.RandomGenerator;

/// SplitMix64: a small generator whose whole state is one `long`, so that a checkpoint can keep it.
public final class SplitMix implements RandomGenerator {
    private long state;

    /// A generator that continues from a saved state (or starts from a seed).
    public SplitMix(long state) {
        this.state = state;
    }

    /// The state to save.
    public long state() {
        return state;
    }

    @Override
    public long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        return Seed.mix(state);
    }

    /// Shuffles in place (Fisher-Yates).
    public void shuffle(int[] items) {
        for (int i = items.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = items[i];
            items[i] = items[j];
            items[j] = swapped;
        }
    }
}
