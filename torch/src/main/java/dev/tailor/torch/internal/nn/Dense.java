package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `y = x Wᵀ + b` with W of shape `[out, in]`.
public record Dense(String name, Parameter weight, Optional<Parameter> bias) implements Linear {
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
        return MatrixProduct.linear(x, weight.data(), bias.map(Parameter::data));
    }

    private void backward(Value x, Tensor derivative) {
        Tensor dy = MatrixProduct.operand(derivative);
        if (weight.trainable()) {
            Tensor gradient = MatrixProduct.gradient(dy, x.data());
            weight.accumulate(Tensors.cast(gradient, derivative.scalar_type()));
        }
        bias.filter(Parameter::trainable).ifPresent(b -> b.accumulate(torch.sum(derivative, 0)));
        if (x.wanted()) {
            Tensor dx = MatrixProduct.of(dy, weight.data());
            x.accumulate(Tensors.cast(dx, derivative.scalar_type()));
        }
    }

    @Override
    public Dense dense() {
        return this;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(Stream.of(weight), bias.stream()).toList();
    }
}
