package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.kernels.SoftCap;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// What becomes of the output head's products before they are logits: `z / divisor`, then `cap ·
/// tanh(z / cap)`.
///
/// @param cap 0: any value may be
record LogitScale(double divisor, double cap) {
    /// Whether products are logits as they are.
    boolean isPlain() {
        return divisor == 1 && cap == 0;
    }

    /// Replaces a row of products by logits.
    void apply(float[] row) {
        if (cap > 0) {
            SoftCap.forward(row, (float) (1 / divisor), (float) cap);
        } else {
            for (int i = 0; divisor != 1 && i < row.length; i++) {
                row[i] = (float) (row[i] / divisor);
            }
        }
    }

    /// Replaces rows of products by logits.
    Tensor apply(Tensor products) {
        if (Native.byOperators()) {
            return byOperators(products);
        }
        if (!isPlain()) {
            Rows rows = Rows.of(products);
            float[] row = new float[rows.width()];
            for (int r = 0; r < rows.count(); r++) {
                rows.load(r, row);
                apply(row);
                rows.store(r, row);
            }
        }
        return products;
    }

    private Tensor byOperators(Tensor products) {
        Tensor scaled = divisor == 1 ? products : products.div_(new Scalar(divisor));
        return cap == 0 ? scaled : Operators.cap(scaled, cap);
    }

    /// [#backward] by libtorch's operators.
    void backward(Tensor logits, Tensor derivatives) {
        if (cap > 0) {
            Operators.capBackward(logits, derivatives, cap);
        }
        if (divisor != 1) {
            derivatives.div_(new Scalar(divisor));
        }
    }

    /// Replaces derivatives by logits with derivatives by products.
    void backward(float[] logits, float[] derivatives) {
        if (cap > 0) {
            SoftCap.backward(logits, derivatives, (float) (1 / divisor), (float) cap);
        } else {
            for (int i = 0; i < derivatives.length; i++) {
                derivatives[i] = (float) (derivatives[i] / divisor);
            }
        }
    }
}
