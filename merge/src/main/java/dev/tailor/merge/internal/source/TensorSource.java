package dev.tailor.merge.internal.source;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The tensors of one model, read in pieces by any thread.
public sealed interface TensorSource extends AutoCloseable
        permits TensorSource.Stored, AdaptedTensors, RemappedRows {
    /// Every tensor.
    List<TensorInfo> tensors();

    /// Reads `n` elements from element `first` on as single-precision numbers.
    ///
    /// @param raw native memory for `n` elements of any type
    void read(String tensor, long first, int n, float[] target, MemorySegment raw);

    /// The type a tensor is stored in.
    DType type(String tensor);

    /// Whether the numbers are those that stand in a file, so that bytes can be copied.
    boolean isStored(String tensor);

    /// Copies bytes of a stored tensor.
    void copy(String tensor, long byteOffset, MemorySegment target);

    @Override
    void close();

    /// The tensors of a checkpoint as they stand there. They are read, not mapped: mapped pages of
    /// several models would count as memory of this process.
    record Stored(Checkpoint checkpoint, Converter converter) implements TensorSource {
        @Override
        public List<TensorInfo> tensors() {
            return checkpoint.tensors();
        }

        @Override
        public void read(String tensor, long first, int n, float[] target, MemorySegment raw) {
            TensorInfo info = checkpoint.info(tensor);
            int size = info.dtype().bytes();
            MemorySegment piece = raw.asSlice(0, (long) n * size);
            checkpoint.read(tensor, first * size, piece);
            converter.toFloat(info.dtype(), piece, 0, target, 0, n);
        }

        @Override
        public DType type(String tensor) {
            return checkpoint.info(tensor).dtype();
        }

        @Override
        public boolean isStored(String tensor) {
            return true;
        }

        @Override
        public void copy(String tensor, long byteOffset, MemorySegment target) {
            checkpoint.read(tensor, byteOffset, target);
        }

        @Override
        public void close() {
            checkpoint.close();
        }
    }
}
