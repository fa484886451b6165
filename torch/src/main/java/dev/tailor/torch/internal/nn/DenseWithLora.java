package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A linear layer with a low-rank adapter beside it: `y = base(x) + s · B(A(dropout(x)))` (Hu et
/// al. 2021), with DoRA times magnitude over norm (see [Magnitude]).
///
/// @param weights what learns
/// @param start what the weights began as, where the layer's own weight lacks it (PiSSA)
/// @param enabled whether the layer answers with the adapter
public record DenseWithLora(
        Dense dense,
        LoraWeights weights,
        Optional<LoraWeights> start,
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
        if (!enabled.getAsBoolean()) {
            Value base = dense.forward(tape, x, masks);
            return start.isEmpty() ? base : adapted(tape, x, base, start.get(), masks);
        }
        if (weights.magnitude().isEmpty()) {
            return adapted(tape, x, dense.forward(tape, x, masks), weights, masks);
        }
        Magnitude magnitude = new Magnitude(weights.magnitude().get(), dense.bias());
        Value base = dense.withoutBias().forward(tape, x, masks);
        Value direction = adapted(tape, x, base, weights, masks);
        return magnitude.forward(tape, direction, norm());
    }

    private Value adapted(Tape tape, Value x, Value base, LoraWeights lora, Dropout masks) {
        Parameter a = lora.a();
        Parameter b = lora.b();
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
                    backward(x, low, dy, lora, drops ? Optional.of(masks) : Optional.empty());
                });
    }

    private void backward(
            Value x, Tensor low, Tensor dy, LoraWeights lora, Optional<Dropout> masks) {
        Parameter a = lora.a();
        Parameter b = lora.b();
        Tensor dLow = scaled(MatrixProduct.of(dy, typed(b, dy)));
        if (b.trainable()) {
            b.accumulate(precise(MatrixProduct.gradient(dy, scaled(low))));
        }
        if (a.trainable()) {
            Tensor input = masks.map(m -> dropped(x.data(), m)).orElseGet(x::data);
            a.accumulate(precise(MatrixProduct.gradient(dLow, input)));
        }
        if (x.wanted()) {
            Tensor dx = MatrixProduct.of(dLow, typed(a, dLow));
            x.accumulate(masks.map(m -> dropped(dx, m)).orElse(dx));
        }
    }

    /// The norm of each row of `W + s · B A`, `[out]` in float32.
    Tensor norm() {
        return Scoped.tensor(() -> norms(sum(dense.weight().data())));
    }

    /// The weight that answers as layer and adapter together, made from a weight: `W + s · B A`, or
    /// with DoRA its rows at their magnitudes; float32, for the caller to round once.
    public Tensor fused(Tensor weight) {
        Tensor sum = sum(weight);
        weights.magnitude().ifPresent(m -> sum.mul_(torch.div(m.data(), norms(sum)).unsqueeze(1)));
        return sum;
    }

    private Tensor sum(Tensor weight) {
        Tensor product = MatrixProduct.of(weights.b().data(), weights.a().data());
        return product.mul_(new Scalar(scale)).add_(weight);
    }

    /// The Euclidean norm of each row.
    private static Tensor norms(Tensor matrix) {
        return torch.sqrt(torch.sum(torch.mul(matrix, matrix), 1));
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
        return Stream.concat(dense.parameters().stream(), weights.parameters().stream()).toList();
    }
}
