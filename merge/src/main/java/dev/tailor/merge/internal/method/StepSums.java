package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.LaneSums;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.tensors.DType;

import java.util.Optional;

/// The sums over a tile that are among the steps of a merge. In float32 the order of the terms
/// shows in the result: a tensor of one tile, which mergekit adds up on one thread, is added up in
/// its order. Sums of larger ones depend, in mergekit, on the number of threads; they, and those
/// that are rounded to fewer bits, are in double precision.
///
/// @param inOrder whether sums have mergekit's order
record StepSums(MergeKernels kernels, boolean inOrder) {
    /// Sums of numbers of the type that is computed in.
    static StepSums of(Work work) {
        boolean single = work.tiles().rounding().type().equals(Optional.of(DType.F32));
        return new StepSums(work.kernels(), single && isOneTile(work));
    }

    /// Sums that mergekit takes in float32 whatever the type.
    static StepSums inSinglePrecision(Work work) {
        boolean stepwise = work.tiles().rounding().isStepwise();
        return new StepSums(work.kernels(), stepwise && isOneTile(work));
    }

    private static boolean isOneTile(Work work) {
        return work.tiles().count() == 1;
    }

    /// `Σ x_i²` of `n` elements from `from` on.
    double squares(float[] x, int from, int n) {
        if (inOrder) {
            return LaneSums.squares(x, from, n);
        }
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }

    /// `Σ x_i` of `n` elements from `from` on.
    double sum(float[] x, int from, int n) {
        if (inOrder) {
            return LaneSums.sum(x, from, n);
        }
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += x[i];
        }
        return sum;
    }

    /// `Σ x_i y_i` of the first `n` elements.
    double dot(float[] x, float[] y, int n) {
        return inOrder ? LaneSums.dot(x, y, n) : kernels.dot(x, y, n);
    }
}
