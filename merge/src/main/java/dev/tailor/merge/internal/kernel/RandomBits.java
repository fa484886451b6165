package dev.tailor.merge.internal.kernel;

import dev.tailor.core.Seed;

import java.lang.foreign.MemorySegment;

/// Random numbers by position: 32 bits for each element of a tensor, from a key and the element's
/// index alone. Any thread can draw any of them in any order, and again.
///
/// Two neighbours share the 64 bits that the finaliser of SplitMix64 (Steele, Lea and Flood 2014)
/// makes of `key + golden ratio * (index / 2)`: the even one has the lower half.
///
/// @param key the stream
public record RandomBits(long key) {
    static final long GOLDEN = 0x9E3779B97F4A7C15L;
    static final long FIRST_FACTOR = 0xBF58476D1CE4E5B9L;
    static final long SECOND_FACTOR = 0x94D049BB133111EBL;

    /// The stream of one model's difference in one tensor.
    public static RandomBits of(long seed, String tensor, int model) {
        return new RandomBits(new Seed(seed).of(tensor, model).value());
    }

    /// The 32 bits of element `index`, from 0 to 2^32 - 1.
    public long at(long index) {
        long both = pair(index);
        return (index & 1) == 0 ? both & 0xFFFF_FFFFL : both >>> 32;
    }

    /// The bits of an even element in the lower half, those of the next one in the upper.
    long pair(long index) {
        long z = key + GOLDEN * (index >>> 1);
        z = (z ^ z >>> 30) * FIRST_FACTOR;
        z = (z ^ z >>> 27) * SECOND_FACTOR;
        return z ^ z >>> 31;
    }

    /// The bits of `n` elements from element `first` on, as unsigned numbers; `pairs` is a buffer
    /// for at least `n / 2 + 1` numbers.
    public void fill(long first, int n, long[] pairs, int[] into) {
        long start = key + GOLDEN * (first >>> 1);
        int odd = (int) (first & 1);
        int count = (odd + n + 1) / 2;
        // Two loops: the compiler makes vector code of the second.
        for (int i = 0; i < count; i++) {
            pairs[i] = start;
            start += GOLDEN;
        }
        for (int i = 0; i < count; i++) {
            long z = pairs[i];
            z = (z ^ z >>> 30) * FIRST_FACTOR;
            z = (z ^ z >>> 27) * SECOND_FACTOR;
            pairs[i] = z ^ z >>> 31;
        }
        // The lower half comes first in memory: processors that Java and libtorch share are
        // little-endian.
        MemorySegment.copy(
                MemorySegment.ofArray(pairs),
                Integer.BYTES * (long) odd,
                MemorySegment.ofArray(into),
                0,
                Integer.BYTES * (long) n);
    }

    /// A probability as a number to compare [#at] with: drawn below it with that probability.
    public static long chance(double probability) {
        return Math.round(Math.clamp(probability, 0.0, 1.0) * 0x1p32);
    }
}
