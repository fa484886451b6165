package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.function.UnaryOperator;

/// The linear layers that make queries, keys and values.
sealed interface QueryKeyValue {
    /// What they give, `[positions, heads · headDim]` each of its own number of heads.
    record Values(Value q, Value k, Value v) {}

    /// Applies them to `[positions, hidden]`.
    Values forward(Tape tape, Value x, Dropout dropout);

    /// The layers, in the order of computation.
    List<Linear> linears();

    /// The same with other linear layers.
    QueryKeyValue withLinears(UnaryOperator<Linear> replacement);

    /// One layer each.
    record Separate(Linear q, Linear k, Linear v) implements QueryKeyValue {
        @Override
        public Values forward(Tape tape, Value x, Dropout dropout) {
            return new Values(
                    q.forward(tape, x, dropout),
                    k.forward(tape, x, dropout),
                    v.forward(tape, x, dropout));
        }

        @Override
        public List<Linear> linears() {
            return List.of(q, k, v);
        }

        @Override
        public Separate withLinears(UnaryOperator<Linear> replacement) {
            return new Separate(replacement.apply(q), replacement.apply(k), replacement.apply(v));
        }
    }

    /// One layer for all three: `queries` values, then `keys` values twice.
    record Fused(Linear qkv, long queries, long keys) implements QueryKeyValue {
        @Override
        public Values forward(Tape tape, Value x, Dropout dropout) {
            Value all = qkv.forward(tape, x, dropout);
            return new Values(
                    Slice.columns(tape, all, 0, queries),
                    Slice.columns(tape, all, queries, keys),
                    Slice.columns(tape, all, queries + keys, keys));
        }

        @Override
        public List<Linear> linears() {
            return List.of(qkv);
        }

        @Override
        public Fused withLinears(UnaryOperator<Linear> replacement) {
            return new Fused(replacement.apply(qkv), queries, keys);
        }
    }
}
