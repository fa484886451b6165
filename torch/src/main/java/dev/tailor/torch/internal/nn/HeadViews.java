package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Rows of heads as one matrix for each query head, and back.
record HeadViews(Attention.Heads heads) {
    /// `[count, heads, length, dim]`.
    Tensor split(Tensor rows) {
        return rows.view(rows.size(0), rows.size(1), heads.query(), heads.dim()).transpose(1, 2);
    }

    /// Keys or values, each head repeated for the query heads that share it.
    Tensor shared(Tensor rows) {
        long count = rows.size(0);
        long length = rows.size(1);
        return rows.view(count, length, heads.keyValue(), 1, heads.dim())
                .expand(count, length, heads.keyValue(), heads.sharing(), heads.dim())
                .reshape(count, length, heads.query(), heads.dim())
                .transpose(1, 2);
    }

    /// The derivative by a shared head is the sum over the query heads that share it.
    Tensor summed(Tensor perHead) {
        Tensor grouped =
                perHead.view(
                        perHead.size(0),
                        heads.keyValue(),
                        heads.sharing(),
                        perHead.size(2),
                        perHead.size(3));
        return torch.sum(grouped, 2);
    }

    /// `[count, n, length, dim]` as `[count · length, n · dim]`.
    static Tensor rows(Tensor perHead) {
        return perHead.transpose(1, 2)
                .reshape(perHead.size(0) * perHead.size(2), perHead.size(1) * perHead.size(3));
    }
}
