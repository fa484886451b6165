package dev.tailor.torch.internal;

import java.util.stream.IntStream;

/// Splits rows among as many threads as libtorch uses.
public final class Parallel {
    private Parallel() {}

    /// Work on the rows `from` to `to` (exclusive).
    @FunctionalInterface
    public interface Rows {
        /// Works on these rows.
        void work(int from, int to);
    }

    /// Runs work on all rows; what one row yields must not depend on the others.
    public static void rows(int count, Rows work) {
        int threads = Math.min(Native.threads(), count);
        if (threads <= 1) {
            work.work(0, count);
            return;
        }
        IntStream.range(0, threads)
                .parallel()
                .forEach(t ->
                        work.work(
                                (int) ((long) count * t / threads),
                                (int) ((long) count * (t + 1) / threads)));
    }
}
