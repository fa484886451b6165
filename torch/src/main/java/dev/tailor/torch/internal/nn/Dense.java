package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
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
        TensorOptional b =
                bias.map(p -> new TensorOptional(p.data())).orElseGet(TensorOptional::new);
        return torch.linear(x, weight.data(), b);
    }

    private void backward(Value x, Tensor dy) {
        if (weight.trainable()) {
            weight.accumulate(torch.mm(dy.t(), x.data()));
        }
        bias.filter(Parameter::trainable).ifPresent(b -> b.accumulate(torch.sum(dy, 0)));
        if (x.wanted()) {
            x.accumulate(torch.mm(dy, weight.data()));
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
