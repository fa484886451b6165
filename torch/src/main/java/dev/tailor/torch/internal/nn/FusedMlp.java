package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.function.UnaryOperator;

/// [GatedMlp] with gate and up as one matrix, gate first.
record FusedMlp(Linear gateUp, Linear down, Gating gating) implements FeedForward {
    @Override
    public Value forward(Tape tape, Value x, Batch batch) {
        Value both = gateUp.forward(tape, x, batch.dropout());
        long size = both.data().size(1) / 2;
        Value gate = Slice.columns(tape, both, 0, size);
        Value up = Slice.columns(tape, both, size, size);
        return down.forward(tape, gating.forward(tape, gate, up), batch.dropout());
    }

    @Override
    public List<Linear> linears() {
        return List.of(gateUp, down);
    }

    @Override
    public FusedMlp withLinears(UnaryOperator<Linear> replacement) {
        return new FusedMlp(replacement.apply(gateUp), replacement.apply(down), gating);
    }
}
