package dev.tailor.torch;

/// The number format that weights and activations are held in. Sums over long rows (norms, softmax,
/// losses), gradients' sums and the values that an optimiser updates are float32 in either case.
public enum Precision {
    /// IEEE single precision.
    FLOAT32,
    /// The upper half of a float32: 8 bits of significand.
    BFLOAT16;

    /// Bytes of a value.
    public int bytes() {
        return switch (this) {
            case FLOAT32 -> 4;
            case BFLOAT16 -> 2;
        };
    }
}
