package dev.tailor.torch;

import java.util.List;

/// One parameter of a model under its name in the checkpoint, or, for an adapter, its name in the
/// adapter file.
public record ParameterInfo(String name, List<Long> shape, boolean trainable) {
    /// The number of values.
    public long elements() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }
}
