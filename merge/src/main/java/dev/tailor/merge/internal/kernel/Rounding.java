package dev.tailor.merge.internal.kernel;

import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The type that every step of a merge is rounded to, if any is.
///
/// @param type empty where numbers stay in single precision
public record Rounding(Optional<DType> type, Converter converter) {
    /// Rounding to `type`, where that is less than single precision.
    public Rounding {
        type = type.filter(each -> each != DType.F32 && each != DType.F64);
    }

    /// Whether anything is rounded.
    public boolean isNeeded() {
        return type.isPresent();
    }

    /// Rounds a tile in place; `scratch` has room for it.
    public void round(float[] x, int n, MemorySegment scratch) {
        if (type.isPresent()) {
            converter.fromFloat(type.get(), x, 0, scratch, 0, n);
            converter.toFloat(type.get(), scratch, 0, x, 0, n);
        }
    }
}
