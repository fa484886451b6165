package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// A weight of the model by its name in the checkpoint: numbers that may learn, or numbers kept in
/// fewer bits.
public sealed interface Weight extends AutoCloseable permits Parameter, Nf4Weight {
    /// Its name in the checkpoint.
    String name();

    /// Its shape.
    List<Long> shape();

    /// Its values; where they are not kept as such, good until those of another weight are asked
    /// for.
    Tensor data();

    /// Whether it learns.
    boolean trainable();

    @Override
    void close();
}
