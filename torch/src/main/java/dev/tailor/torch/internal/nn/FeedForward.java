package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.function.UnaryOperator;

/// The part of a layer where every position is by itself.
sealed interface FeedForward permits GatedMlp, FusedMlp, PlainMlp, ExpertMixture {
    /// From `[positions, hidden]` to the same.
    Value forward(Tape tape, Value x, Batch batch);

    /// Every linear layer, in the order of computation.
    List<Linear> linears();

    /// The same with other linear layers.
    FeedForward withLinears(UnaryOperator<Linear> replacement);
}
