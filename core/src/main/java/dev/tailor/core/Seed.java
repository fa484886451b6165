package dev.tailor.core;

import java.nio.charset.StandardCharsets;

/// Randomness by purpose: one root seed, and an independent stream for each named use of it (data
/// order, initialisation, dropout, sampling), so that no use disturbs another.
public record Seed(long value) {
    /// The seed of one named purpose.
    public Seed of(String purpose) {
        long hash = value ^ 0x9E3779B97F4A7C15L;
        for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
            hash = mix(hash + b);
        }
        return new Seed(mix(hash));
    }

    /// The seed of one numbered item of a purpose (an epoch, a step, a row).
    public Seed of(String purpose, long index) {
        return new Seed(mix(of(purpose).value + index * 0x9E3779B97F4A7C15L));
    }

    /// A generator that starts at this seed; its state is one `long` and can be saved.
    public SplitMix generator() {
        return new SplitMix(value);
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that scatters all bits.
    static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }
}
