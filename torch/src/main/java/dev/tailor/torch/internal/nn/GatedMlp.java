package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.function.UnaryOperator;

/// The gated feed-forward layer (Shazeer 2020): `down(activation(gate(x)) · up(x))`.
record GatedMlp(Linear gate, Linear up, Linear down, Gating gating) implements FeedForward {
    @Override
    public Value forward(Tape tape, Value x, Batch batch) {
        Value g = gate.forward(tape, x, batch.dropout());
        Value u = up.forward(tape, x, batch.dropout());
        Value activated = gating.forward(tape, g, u);
        Value y = down.forward(tape, activated, batch.dropout());
        tape.spent(activated);
        return y;
    }

    @Override
    public List<Linear> linears() {
        return List.of(gate, up, down);
    }

    @Override
    public GatedMlp withLinears(UnaryOperator<Linear> replacement) {
        return new GatedMlp(
                replacement.apply(gate), replacement.apply(up), replacement.apply(down), gating);
    }
}
