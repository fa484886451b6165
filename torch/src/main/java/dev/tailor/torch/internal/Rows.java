package dev.tailor.torch.internal;

import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.MemorySegment;

/// A contiguous tensor's memory as rows of floats. Arithmetic on a row happens in a Java array that
/// stays in the first-level cache, whatever the tensor's own format is.
public record Rows(MemorySegment memory, DType type, int width) {
    private static final Converter CONVERTER = Converter.forLongWork();

    /// The rows of a tensor: its last dimension. The view ends with the tensor.
    public static Rows of(Tensor tensor) {
        return of(tensor, Math.toIntExact(tensor.size(tensor.dim() - 1)));
    }

    /// The tensor cut into rows of some width, wherever its dimensions end.
    public static Rows of(Tensor tensor, int width) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("rows of a tensor that is not contiguous");
        }
        DType type = Tensors.isFloat(tensor) ? DType.F32 : DType.BF16;
        return new Rows(Tensors.memory(tensor), type, width);
    }

    /// The number of rows.
    public int count() {
        return Math.toIntExact(memory.byteSize() / type.bytes() / width);
    }

    /// Reads a row.
    public void load(long row, float[] into) {
        CONVERTER.toFloat(type, memory, row * width * type.bytes(), into, 0, width);
    }

    /// Writes a row, rounded to the tensor's format.
    public void store(long row, float[] from) {
        CONVERTER.fromFloat(type, from, 0, memory, row * width * type.bytes(), width);
    }
}
