package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The gated feed-forward layer (Shazeer 2020): `down(silu(gate(x)) · up(x))`.
record GatedMlp(Linear gate, Linear up, Linear down) {
    Value forward(Tape tape, Value x, Dropout dropout) {
        Value g = gate.forward(tape, x, dropout);
        Value u = up.forward(tape, x, dropout);
        return down.forward(tape, activate(tape, g, u), dropout);
    }

    private static Value activate(Tape tape, Value gate, Value up) {
        boolean wanted = gate.wanted() || up.wanted();
        if (wanted) {
            tape.keep(gate);
            tape.keep(up);
        }
        return tape.result(
                product(gate.data(), up.data()),
                wanted,
                () -> product(gate.data(), up.data()),
                dy -> {
                    if (up.wanted()) {
                        up.accumulate(torch.silu(gate.data()).mul_(dy));
                    }
                    if (gate.wanted()) {
                        Tensor dSilu = torch.mul(dy, up.data());
                        gate.accumulate(torch.silu_backward(dSilu, gate.data()));
                    }
                });
    }

    private static Tensor product(Tensor gate, Tensor up) {
        return torch.silu(gate).mul_(up);
    }
}
