package dev.tailor.merge.internal.kernel;

import java.util.Arrays;

/// Sums in single precision whose terms are added in the order in which PyTorch's kernels for
/// processors add them, so that they have the same bits. The order is that of registers of 8 lanes,
/// also on processors with wider ones, and of one thread. It was found by experiment: a pair of
/// terms that cancel each other shows, by what else is lost with them, where they meet (Collange et
/// al. 2015; Xie et al. 2025, FPRev).
public final class LaneSums {
    private static final int LANES = 8;

    /// Registers that a sum runs in side by side.
    private static final int CHAINS = 4;

    /// Terms are added to a sum of the first level, that to one of the next and so on.
    private static final int LEVELS = 4;

    private static final int SMALLEST_STEP_BITS = 4;

    /// A register of the library of linear algebra, on processors of AMD.
    private static final int DOT_LANES = 4;

    private LaneSums() {}

    /// `Σ x_i²` of `n` elements from `from` on, as for the length of a vector: lane by lane, then
    /// the lanes, then what fills no register.
    public static float squares(float[] x, int from, int n) {
        float[] lanes = new float[LANES];
        int whole = n - n % LANES;
        for (int i = 0; i < whole; i++) {
            lanes[i % LANES] += x[from + i] * x[from + i];
        }
        float sum = lanes[0];
        for (int lane = 1; lane < LANES; lane++) {
            sum += lanes[lane];
        }
        for (int i = whole; i < n; i++) {
            sum += x[from + i] * x[from + i];
        }
        return sum;
    }

    /// `Σ x_i` of `n` elements from `from` on: in cascade, what fills no register before the lanes.
    public static float sum(float[] x, int from, int n) {
        if (n < LANES) {
            return register(x, from, n, 1)[0];
        }
        float[] lanes = register(x, from, n / LANES, LANES);
        float sum = 0;
        for (int i = n - n % LANES; i < n; i++) {
            sum += x[from + i];
        }
        for (float lane : lanes) {
            sum += lane;
        }
        return sum;
    }

    /// The sum of `count` registers of so many lanes.
    private static float[] register(float[] x, int from, int count, int lanes) {
        int rows = count / CHAINS;
        float[] chains = cascade(x, from, rows, CHAINS * lanes);
        add(x, from + rows * CHAINS * lanes, chains, (count - rows * CHAINS) * lanes, lanes);
        float[] sum = new float[lanes];
        System.arraycopy(chains, 0, sum, 0, lanes);
        add(chains, lanes, sum, (CHAINS - 1) * lanes, lanes);
        return sum;
    }

    /// The sums of `columns` columns of `rows` rows: after so many rows a level's sum goes over to
    /// the next.
    private static float[] cascade(float[] x, int from, int rows, int columns) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, rows - 1));
        int stepBits = Math.max(SMALLEST_STEP_BITS, bits / LEVELS);
        int step = 1 << stepBits;
        float[][] levels = new float[LEVELS][columns];
        for (int row = 0; row < rows; row++) {
            add(x, from + row * columns, levels[0], columns, columns);
            int done = row + 1;
            for (int level = 1; level < LEVELS && done % step == 0; level++) {
                add(levels[level - 1], 0, levels[level], columns, columns);
                Arrays.fill(levels[level - 1], 0);
                if ((done >>> level * stepBits & step - 1) != 0) {
                    break;
                }
            }
        }
        for (int level = 1; level < LEVELS; level++) {
            add(levels[level], 0, levels[0], columns, columns);
        }
        return levels[0];
    }

    /// Adds `n` elements from `from` on to the sums, one to each and then to the first again.
    private static void add(float[] x, int from, float[] sums, int n, int lanes) {
        for (int i = 0; i < n; i++) {
            sums[i % lanes] += x[from + i];
        }
    }

    /// `Σ x_i y_i` of the first `n` elements. The linear algebra that PyTorch does this with has an
    /// order for each kind of processor; this is the one for AMD's.
    public static float dot(float[] x, float[] y, int n) {
        int block = CHAINS * DOT_LANES;
        float[] chains = new float[block];
        int blocks = n - n % block;
        for (int i = 0; i < blocks; i++) {
            chains[i % block] += x[i] * y[i];
        }
        int whole = n - n % DOT_LANES;
        for (int i = blocks; i < whole; i++) {
            chains[i % DOT_LANES] += x[i] * y[i];
        }
        for (int i = whole; i < n; i++) {
            chains[0] += x[i] * y[i];
        }
        float[] lanes = new float[DOT_LANES];
        for (int i = 0; i < block; i++) {
            lanes[i % DOT_LANES] += chains[i];
        }
        return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
    }
}
