package dev.tailor.train.distillation;

/// How a store keeps log-probabilities.
public enum StorePrecision {
    /// IEEE half precision, rounded to nearest.
    FLOAT16(2),
    /// IEEE single precision.
    FLOAT32(4);

    private final int bytes;

    StorePrecision(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes of a value.
    public int bytes() {
        return bytes;
    }
}
