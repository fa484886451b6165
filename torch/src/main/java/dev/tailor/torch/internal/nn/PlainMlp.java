package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.function.UnaryOperator;

/// The feed-forward layer without a gate, with a squared ReLU (So et al. 2021): `down(max(up(x),
/// 0)²)`.
record PlainMlp(Linear up, Linear down) implements FeedForward {
    @Override
    public Value forward(Tape tape, Value x, Batch batch) {
        Value u = up.forward(tape, x, batch.dropout());
        return down.forward(tape, activate(tape, u), batch.dropout());
    }

    private static Value activate(Tape tape, Value x) {
        if (x.wanted()) {
            tape.keep(x);
        }
        return tape.result(
                squared(x.data()),
                x.wanted(),
                () -> squared(x.data()),
                dy -> {
                    Tensor slope = torch.relu(x.data()).mul_(new Scalar(2));
                    x.accumulate(slope.mul_(dy));
                });
    }

    private static Tensor squared(Tensor x) {
        Tensor positive = torch.relu(x);
        return positive.mul_(positive);
    }

    @Override
    public List<Linear> linears() {
        return List.of(up, down);
    }

    @Override
    public PlainMlp withLinears(UnaryOperator<Linear> replacement) {
        return new PlainMlp(replacement.apply(up), replacement.apply(down));
    }
}
