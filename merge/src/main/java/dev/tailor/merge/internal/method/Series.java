package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;

import java.util.function.IntPredicate;

/// Numbers computed from the inputs of a tensor, element by element: the differences of each model
/// to the origin, say. They are made again whenever they are needed.
interface Series {
    /// Receives `n` elements of one of the series; it may overwrite them.
    @FunctionalInterface
    interface Visitor {
        void elements(int series, float[] values, int n);
    }

    /// How many series there are.
    int count();

    /// Shows `n` elements from element `first` on, of every series that is wanted.
    void visit(long first, int n, Scratch scratch, IntPredicate wanted, Visitor visitor);

    /// The differences of the inputs after the first to the first.
    static Series differences(Work work) {
        return new Series() {
            @Override
            public int count() {
                return work.tiles().inputs() - 1;
            }

            @Override
            public void visit(
                    long first, int n, Scratch scratch, IntPredicate wanted, Visitor visitor) {
                float[] base = work.tiles().read(first, n, 0, scratch);
                Arithmetic steps = work.arithmetic(scratch, n);
                for (int k = 0; k < count(); k++) {
                    if (wanted.test(k)) {
                        float[] d = work.tiles().read(first, n, k + 1, scratch);
                        steps.subtract(d, base, n);
                        visitor.elements(k, d, n);
                    }
                }
            }
        };
    }
}
