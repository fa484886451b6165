package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A linear layer with a low-rank adapter beside it: `y = base(x) + s · B(A(dropout(x)))` (Hu et
/// al. 2021). A is `[rank, in]` and B `[out, rank]`, both float32 whatever the base is.
public record DenseWithLora(
        Dense dense,
        Parameter a,
        Parameter b,
        double scale,
        double dropout,
        BooleanSupplier enabled)
        implements Linear {
    @Override
    public String name() {
        return dense.name();
    }

    @Override
    public Value forward(Tape tape, Value x, Dropout masks) {
        Value base = dense.forward(tape, x, masks);
        if (!enabled.getAsBoolean()) {
            return base;
        }
        boolean learns = a.trainable() || b.trainable();
        boolean wanted = x.wanted() || learns;
        boolean drops = tape.isRecording() && dropout > 0 && learns;
        if (wanted && learns) {
            tape.keep(x);
        }
        Tensor input = drops ? dropped(x.data(), masks) : x.data();
        Tensor low = MatrixProduct.of(input, typed(a, input).t());
        Tensor high = MatrixProduct.of(scaled(low), typed(b, low).t());
        tape.keep(low);
        Tensor sum = base.data();
        sum.add_(high);
        return tape.result(
                sum,
                wanted || base.wanted(),
                dy -> {
                    base.accumulate(dy);
                    backward(x, low, dy, masks, drops);
                });
    }

    private void backward(Value x, Tensor low, Tensor dy, Dropout masks, boolean drops) {
        Tensor dLow = scaled(MatrixProduct.of(dy, typed(b, dy)));
        if (b.trainable()) {
            b.accumulate(precise(MatrixProduct.gradient(dy, scaled(low))));
        }
        if (a.trainable()) {
            Tensor input = drops ? dropped(x.data(), masks) : x.data();
            a.accumulate(precise(MatrixProduct.gradient(dLow, input)));
        }
        if (x.wanted()) {
            Tensor dx = MatrixProduct.of(dLow, typed(a, dLow));
            x.accumulate(drops ? dropped(dx, masks) : dx);
        }
    }

    /// W + s · B A in float32, rounded once to the weight's own type.
    public Tensor fused() {
        Tensor product = MatrixProduct.of(b.data(), a.data()).mul_(new Scalar(scale));
        Tensor weight = dense.weight().data();
        return Tensors.cast(product.add_(weight), weight.scalar_type());
    }

    /// Dropout of what goes into A; the same units on the way back and when recomputed.
    private Tensor dropped(Tensor x, Dropout masks) {
        Tensor mask = masks.mask(name(), dropout, x.size(0), x.size(1));
        return Tensors.cast(mask.mul_(x), x.scalar_type());
    }

    private Tensor scaled(Tensor t) {
        return torch.mul(t, new Scalar(scale));
    }

    private static Tensor typed(Parameter parameter, Tensor like) {
        return Tensors.cast(parameter.data(), like.scalar_type());
    }

    private static Tensor precise(Tensor t) {
        return Tensors.cast(t, ScalarType.Float);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(dense.parameters().stream(), Stream.of(a, b)).toList();
    }
}
