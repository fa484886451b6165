package dev.tailor.torch.internal.nn;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What an adapter adds to one linear layer: A of `[rank, in]`, B of `[out, rank]` and, with DoRA,
/// a magnitude for each output, all float32 whatever the layer's weight is.
public record LoraWeights(Parameter a, Parameter b, Optional<Parameter> magnitude) {
    /// All of them, A first.
    public List<Parameter> parameters() {
        return Stream.concat(Stream.of(a, b), magnitude.stream()).toList();
    }

    /// The rank.
    public long rank() {
        return a.shape().getFirst();
    }
}
