package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Columns of the result of a matrix that holds several.
final class Slice {
    private Slice() {}

    /// A copy of `[positions, count]` values of each row, from the column `first` on. What is kept
    /// is the copy, so the whole need not be.
    static Value columns(Tape tape, Value x, long first, long count) {
        long width = x.data().size(1);
        return tape.result(
                x.data().narrow(1, first, count).contiguous(),
                x.wanted(),
                dy -> {
                    Tensor dx = torch.zeros(new long[] {dy.size(0), width}, dy.options());
                    dx.narrow(1, first, count).copy_(dy);
                    x.accumulate(dx);
                });
    }
}
