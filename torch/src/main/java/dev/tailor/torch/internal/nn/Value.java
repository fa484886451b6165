package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/// A tensor on its way through the model, and the derivative of the objective by it on the way
/// back.
///
/// On the way back the tensor exists only if some operation has asked the tape to keep it, or if it
/// can be made again from what was kept.
final class Value {
    private final boolean wanted;
    private @Nullable Tensor data;
    private final @Nullable Supplier<Tensor> again;
    private boolean kept;
    private @Nullable Tensor gradient;

    Value(Tensor data, boolean wanted, @Nullable Supplier<Tensor> again) {
        this.data = data;
        this.wanted = wanted;
        this.again = again;
    }

    /// A value that nobody differentiates by.
    static Value constant(Tensor data) {
        return new Value(data, false, null);
    }

    /// Whether a derivative by this value is needed.
    boolean wanted() {
        return wanted;
    }

    /// The tensor; made again if it was not kept.
    Tensor data() {
        if (data == null) {
            if (again == null) {
                throw new IllegalStateException("a value was needed that nobody kept");
            }
            data = again.get();
            data.retainReference();
            kept = true;
        }
        return data;
    }

    /// Makes sure the tensor can be had on the way back: retained, unless it is cheap to make
    /// again.
    void keep() {
        if (again == null && !kept && data != null) {
            data.retainReference();
            kept = true;
        }
    }

    /// No later operation on the way forward needs the tensor: what was not kept is freed.
    void spent() {
        if (!kept && data != null) {
            data.close();
            data = null;
        }
    }

    /// The way forward is over: what was not kept is gone.
    void seal() {
        if (!kept) {
            data = null;
        }
    }

    /// Adds to the derivative by this value; ignored where it is not wanted.
    void accumulate(Tensor contribution) {
        if (!wanted) {
            return;
        }
        // Not in place: a contribution may be shared with another value.
        Tensor sum = gradient == null ? contribution : torch.add(gradient, contribution);
        sum.retainReference();
        releaseGradient();
        gradient = sum;
    }

    /// The derivative collected so far, or null where nothing flowed back; it stays valid until
    /// [#release].
    @Nullable Tensor gradient() {
        return gradient;
    }

    /// Frees what this value holds.
    void release() {
        releaseGradient();
        if (kept && data != null) {
            data.releaseReference();
        }
        data = null;
        kept = false;
    }

    private void releaseGradient() {
        if (gradient != null) {
            gradient.releaseReference();
            gradient = null;
        }
    }
}
