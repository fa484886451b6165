package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The part of a layer where positions see each other: projections, norms of queries and keys if
/// there are any, rotation, mixing.
record SelfAttention(QueryKeyValue inputs, Optional<Norms> norms, Linear o) {
    /// The norms of queries and keys.
    record Norms(RmsNorm q, RmsNorm k) {}

    Value forward(Tape tape, Value x, Batch batch) {
        QueryKeyValue.Values values = inputs.forward(tape, x, batch.dropout());
        Value q = values.q();
        Value k = values.k();
        if (norms.isPresent()) {
            q = norms.get().q().forward(tape, q);
            k = norms.get().k().forward(tape, k);
        }
        if (batch.angles().isPresent()) {
            q = batch.angles().get().rotate(tape, q);
            k = batch.angles().get().rotate(tape, k);
        }
        Value mixed = batch.mixing().mix(tape, q, k, values.v());
        return o.forward(tape, mixed, batch.dropout());
    }

    /// Every linear layer, in the order of computation.
    List<Linear> linears() {
        return Stream.concat(inputs.linears().stream(), Stream.of(o)).toList();
    }

    /// The same with other linear layers.
    SelfAttention withLinears(UnaryOperator<Linear> replacement) {
        return new SelfAttention(inputs.withLinears(replacement), norms, replacement.apply(o));
    }

    /// The norms' parameters.
    Stream<Parameter> normWeights() {
        return norms.stream().flatMap(n -> Stream.of(n.q().weight(), n.k().weight()));
    }
}
