package dev.tailor.eval.internal.harness;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Python's `random.Random`: the Mersenne Twister MT19937 (Matsumoto, Nishimura 1998), seeded by an
/// integer, with Python's ways to draw from a list. Few-shot examples and bootstraps are therefore
/// those of the reference.
public final class PythonRandom {
    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    /// The generator of a seed of 0 to 2³²-1.
    public PythonRandom(long seed) {
        state[0] = 19650218;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
        int key = (int) seed;
        int i = 1;
        for (int k = 0; k < N; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key;
            i = advance(i);
        }
        for (int k = 0; k < N - 1; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
            i = advance(i);
        }
        state[0] = 0x80000000;
    }

    private int advance(int i) {
        if (i + 1 < N) {
            return i + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    private int bits32() {
        if (next == N) {
            for (int i = 0; i < N; i++) {
                int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
                state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
            }
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    /// `random()`: from 0 to 1, 53 bits.
    public double real() {
        long high = bits32() >>> 5;
        long low = bits32() >>> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /// `_randbelow(bound)`, `bound` at least 1.
    public int below(int bound) {
        int bits = 32 - Integer.numberOfLeadingZeros(bound);
        int drawn = bits32() >>> (32 - bits);
        while (drawn >= bound) {
            drawn = bits32() >>> (32 - bits);
        }
        return drawn;
    }

    /// The indices that `sample(range(size), count)` draws.
    public List<Integer> sample(int size, int count) {
        if (count < 0 || count > size) {
            throw new IllegalArgumentException("cannot draw " + count + " of " + size);
        }
        double setSize = 21;
        if (count > 5) {
            setSize += Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4)));
        }
        return size <= setSize ? fromPool(size, count) : fromSet(size, count);
    }

    private List<Integer> fromPool(int size, int count) {
        int[] pool = new int[size];
        for (int i = 0; i < size; i++) {
            pool[i] = i;
        }
        List<Integer> drawn = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int j = below(size - i);
            drawn.add(pool[j]);
            pool[j] = pool[size - i - 1];
        }
        return drawn;
    }

    private List<Integer> fromSet(int size, int count) {
        Set<Integer> seen = new HashSet<>();
        List<Integer> drawn = new ArrayList<>(count);
        while (drawn.size() < count) {
            int j = below(size);
            if (seen.add(j)) {
                drawn.add(j);
            }
        }
        return drawn;
    }

    /// The indices that `choices(range(size), k=count)` draws, with replacement.
    public void choices(int size, int[] drawn) {
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (int) (real() * size);
        }
    }
}
