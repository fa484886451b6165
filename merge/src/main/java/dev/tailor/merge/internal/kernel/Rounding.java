package dev.tailor.merge.internal.kernel;

import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The type that every step of a merge is rounded to, if any is.
///
/// @param type empty where only the result is rounded; in float32 there is nothing to round, but
///   steps are taken apart all the same
public record Rounding(Optional<DType> type, Converter converter) {
    /// Whether every step is taken as mergekit's tensor operations take it.
    public boolean isStepwise() {
        return type.isPresent();
    }

    /// Whether a step's result is rounded: the type is less than single precision.
    public boolean isNeeded() {
        return type.isPresent() && type.get() != DType.F32 && type.get() != DType.F64;
    }

    /// Rounds a tile in place; `scratch` has room for it.
    public void round(float[] x, int n, MemorySegment scratch) {
        if (isNeeded()) {
            converter.fromFloat(type.orElseThrow(), x, 0, scratch, 0, n);
            converter.toFloat(type.orElseThrow(), scratch, 0, x, 0, n);
        }
    }
}
