package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Lanes.COUNT;
import static dev.tailor.torch.internal.kernels.Lanes.FLOATS;

import dev.tailor.core.NativeMemory;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

import java.lang.foreign.MemorySegment;

/// Float32 numbers kept in two halves, without loss: the nearest bfloat16 (ties away from zero) and
/// the lower 16 bits, which as a signed number say how far the bits are from those of the bfloat16.
public final class SplitFloats {
    private SplitFloats() {}

    /// Reads `n` numbers from index `start` of both halves on.
    public static void join(
            MemorySegment upper, MemorySegment lower, long start, float[] into, int n) {
        long upperAt = NativeMemory.address(upper, start * 2, n * 2L);
        long lowerAt = NativeMemory.address(lower, start * 2, n * 2L);
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += COUNT) {
            Lanes.upperBits(upperAt + 2L * i)
                    .add(Lanes.signed(lowerAt + 2L * i))
                    .reinterpretAsFloats()
                    .intoArray(into, i);
        }
        for (int i = bound; i < n; i++) {
            int bits = Lanes.getShort(upperAt + 2L * i) << 16;
            into[i] = Float.intBitsToFloat(bits + Lanes.getShort(lowerAt + 2L * i));
        }
    }

    /// Writes `n` numbers to index `start` of both halves on.
    public static void split(
            float[] from, int n, MemorySegment upper, MemorySegment lower, long start) {
        long upperAt = NativeMemory.address(upper, start * 2, n * 2L);
        long lowerAt = NativeMemory.address(lower, start * 2, n * 2L);
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += COUNT) {
            IntVector bits = FloatVector.fromArray(FLOATS, from, i).reinterpretAsInts();
            Lanes.storeUpperBits(bits.add(0x8000), upperAt + 2L * i);
            Lanes.storeLowerBits(bits, lowerAt + 2L * i);
        }
        for (int i = bound; i < n; i++) {
            int bits = Float.floatToRawIntBits(from[i]);
            Lanes.setShort((short) (bits + 0x8000 >>> 16), upperAt + 2L * i);
            Lanes.setShort((short) bits, lowerAt + 2L * i);
        }
    }
}
