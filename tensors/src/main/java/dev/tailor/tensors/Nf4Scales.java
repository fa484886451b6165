package dev.tailor.tensors;

import dev.tailor.tensors.internal.nf4.DynamicMap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The largest magnitude of each block of an [Nf4Tensor].
public sealed interface Nf4Scales {
    /// Little-endian floats wherever they lie.
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Blocks that share a magnitude of the second level.
    int NESTED_BLOCK = 256;

    /// The 256 numbers that magnitudes are quantised to, rising.
    static float[] nestedCodebook() {
        return DynamicMap.values();
    }

    /// The magnitudes of the blocks from `first` on, as many as `count`.
    void load(long first, int count, float[] into);

    /// Bytes in memory.
    long bytes();

    /// One float for each block.
    record Plain(MemorySegment absmax) implements Nf4Scales {
        @Override
        public void load(long first, int count, float[] into) {
            MemorySegment.copy(absmax, FLOAT, first * Float.BYTES, into, 0, count);
        }

        @Override
        public long bytes() {
            return absmax.byteSize();
        }
    }

    /// Double quantisation (QLoRA, section 3): a byte for each block, a float for each 256 of them,
    /// and their mean, which was taken off before.
    record Nested(MemorySegment codes, MemorySegment absmax, float offset) implements Nf4Scales {
        @Override
        public void load(long first, int count, float[] into) {
            for (int i = 0; i < count; i++) {
                long block = first + i;
                float scale = absmax.get(FLOAT, block / NESTED_BLOCK * Float.BYTES);
                byte code = codes.get(ValueLayout.JAVA_BYTE, block);
                into[i] = DynamicMap.value(code) * scale + offset;
            }
        }

        @Override
        public long bytes() {
            return codes.byteSize() + absmax.byteSize() + Float.BYTES;
        }
    }
}
