package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;

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

    private void backward(Value x, Tensor dy) {
        if (weight.trainable()) {
            weight.accumulate(MatrixProduct.of(dy.t(), x.data()));
        }
        bias.filter(Parameter::trainable).ifPresent(b -> b.accumulate(torch.sum(dy, 0)));
        if (x.wanted()) {
            x.accumulate(MatrixProduct.of(dy, weight.data()));
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
