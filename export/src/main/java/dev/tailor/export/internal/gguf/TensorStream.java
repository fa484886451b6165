package dev.tailor.export.internal.gguf;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Reads a checkpoint's tensor piece by piece as numbers, rows in the order of the GGUF file. A
/// piece is a few rows, or one head where rows are permuted: memory does not depend on the model.
final class TensorStream {
    private static final int PIECE = 1 << 18;

    private TensorStream() {}

    /// Receives the pieces in order.
    @FunctionalInterface
    interface Sink {
        /// @param first index of the piece's first element in the tensor
        /// @param values only the first `count` belong to the piece
        void piece(long first, float[] values, int count);
    }

    /// Reads a whole tensor. The buffers' size is a multiple of a row, so also of a row's blocks.
    static void read(Checkpoint checkpoint, ModelTensors.Mapping mapping, Sink sink) {
        long elements = mapping.sourceShape().stream().reduce(1L, Math::multiplyExact);
        for (int source = 0; source < mapping.sources().size(); source++) {
            read(checkpoint, mapping, source, source * elements, sink);
        }
    }

    private static void read(
            Checkpoint checkpoint,
            ModelTensors.Mapping mapping,
            int source,
            long offset,
            Sink sink) {
        String name = mapping.sources().get(source);
        TensorInfo info = checkpoint.info(name);
        List<Long> shape = mapping.sourceShape();
        long rows = shape.getFirst();
        int columns = shape.size() == 1 ? 1 : shape.get(1).intValue();
        int headRows = mapping.permutedHeads() == 0 ? 0 : (int) (rows / mapping.permutedHeads());
        int pieceRows = headRows > 0 ? headRows : (int) Math.clamp(PIECE / columns, 1, rows);
        int piece = Math.multiplyExact(pieceRows, columns);
        float[] values = new float[piece];
        float[] permuted = headRows > 0 ? new float[piece] : values;
        try (Arena arena = Arena.ofConfined()) {
            DType dtype = info.dtype();
            MemorySegment bytes = arena.allocate((long) piece * dtype.bytes(), 64);
            long elements = rows * columns;
            for (long first = 0; first < elements; first += piece) {
                int count = (int) Math.min(piece, elements - first);
                MemorySegment part = bytes.asSlice(0, (long) count * dtype.bytes());
                checkpoint.read(name, first * dtype.bytes(), part);
                Conversions.toFloat(dtype, part, 0, values, 0, count);
                if (headRows > 0) {
                    interleaveHalves(values, permuted, headRows, columns);
                }
                change(permuted, count, mapping);
                sink.piece(offset + first, permuted, count);
            }
        }
    }

    private static void change(float[] values, int count, ModelTensors.Mapping mapping) {
        if (mapping.factor() == 1 && mapping.offset() == 0) {
            return;
        }
        for (int i = 0; i < count; i++) {
            values[i] = values[i] * mapping.factor() + mapping.offset();
        }
    }

    /// Row `2 i + j` of the result is row `j * headRows / 2 + i` of the source.
    private static void interleaveHalves(
            float[] source, float[] target, int headRows, int columns) {
        int half = headRows / 2;
        for (int i = 0; i < half; i++) {
            for (int j = 0; j < 2; j++) {
                System.arraycopy(
                        source, (j * half + i) * columns, target, (2 * i + j) * columns, columns);
            }
        }
    }
}
