package dev.tailor.torch.internal.nn;

import java.util.List;

/// A linear layer. Only it knows how its weight is kept.
public sealed interface Linear permits Dense, DenseWithLora, DenseWithAdapters {
    /// Applies the layer to `[positions, in]`, giving `[positions, out]`.
    Value forward(Tape tape, Value x, Dropout dropout);

    /// The module's name, such as `model.layers.0.self_attn.q_proj`.
    String name();

    /// The weights as they are in the checkpoint.
    Dense dense();

    /// All parameters, an adapter's included.
    List<Parameter> parameters();
}
