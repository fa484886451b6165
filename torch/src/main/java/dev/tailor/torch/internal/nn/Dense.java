package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `y = x Wᵀ + b` with W of shape `[out, in]`. A weight that is kept in fewer bits is made anew for
/// each of the two products and freed after it.
public record Dense(String name, Weight weight, Optional<Parameter> bias) implements Linear {
    @Override
    public Value forward(Tape tape, Value x, Dropout dropout) {
        boolean biasLearns = bias.isPresent() && bias.get().trainable();
        boolean wanted = x.wanted() || weight.trainable() || biasLearns;
        if (wanted && weight.trainable()) {
            tape.keep(x);
        }
        return tape.result(apply(x.data()), wanted, dy -> backward(x, dy));
    }

    /// The product alone.
    Tensor apply(Tensor x) {
        return Scoped.tensor(
                () -> MatrixProduct.linear(x, weight.data(), bias.map(Parameter::data)));
    }

    private void backward(Value x, Tensor derivative) {
        Tensor dy = MatrixProduct.operand(derivative);
        if (weight instanceof Parameter learning && learning.trainable()) {
            Tensor gradient = MatrixProduct.gradient(dy, x.data());
            learning.accumulate(Tensors.cast(gradient, derivative.scalar_type()));
        }
        bias.filter(Parameter::trainable).ifPresent(b -> b.accumulate(torch.sum(derivative, 0)));
        if (x.wanted()) {
            Tensor dx = Scoped.tensor(() -> MatrixProduct.of(dy, weight.data()));
            x.accumulate(Tensors.cast(dx, derivative.scalar_type()));
        }
    }

    /// The same weight without the bias.
    Dense withoutBias() {
        return new Dense(name, weight, Optional.empty());
    }

    @Override
    public Dense dense() {
        return this;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(
                        weight instanceof Parameter parameter
                                ? Stream.of(parameter)
                                : Stream.empty(),
                        bias.stream())
                .toList();
    }
}
