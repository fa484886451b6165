package dev.tailor.tensors;

import static dev.tailor.tensors.internal.nf4.Nf4Kernels.BLOCK;
import static dev.tailor.tensors.internal.nf4.Nf4Kernels.BLOCK_BYTES;

import dev.tailor.tensors.internal.nf4.Codebook;
import dev.tailor.tensors.internal.nf4.DynamicMap;
import dev.tailor.tensors.internal.nf4.Nf4Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Numbers in the 4-bit NormalFloat format of QLoRA (arXiv 2305.14314), with the bytes of
/// bitsandbytes: in row-major order, blocks of 64 share their largest magnitude, each number is a
/// 4-bit place in a codebook of sixteen. 4.5 bits a number, 4.13 with double quantisation.
///
/// @param elements how many numbers
/// @param codes two numbers a byte, the first in the high half, up to the end of the last block
public record Nf4Tensor(long elements, MemorySegment codes, Nf4Scales scales) {
    /// Vector code runs slowly until it is compiled: little work is done by plain code.
    private static final long WORTH_COMPILING = 1 << 20;

    /// Blocks worked on at a time: their numbers stay in the first-level cache.
    private static final int TILE_BLOCKS = 32;

    /// Loads the Vector API only where it is used.
    private static final class Best {
        static final Nf4Kernels KERNELS = Nf4Kernels.best();
    }

    private static Nf4Kernels kernels(long elements) {
        return elements < WORTH_COMPILING ? Nf4Kernels.scalar() : Best.KERNELS;
    }

    /// Quantises numbers.
    ///
    /// @param source all numbers, of type `type`
    /// @param doubleQuantisation whether the magnitudes are quantised as well
    /// @param memory where the result lives
    public static Nf4Tensor quantise(
            DType type, MemorySegment source, boolean doubleQuantisation, SegmentAllocator memory) {
        long elements = source.byteSize() / type.bytes();
        long blocks = blocks(elements);
        MemorySegment codes = memory.allocate(blocks * BLOCK_BYTES);
        if (!doubleQuantisation) {
            MemorySegment absmax = memory.allocate(blocks * Float.BYTES, Float.BYTES);
            encode(type, source, elements, codes, absmax);
            return new Nf4Tensor(elements, codes, new Nf4Scales.Plain(absmax));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment absmax = arena.allocate(blocks * Float.BYTES, Float.BYTES);
            encode(type, source, elements, codes, absmax);
            return new Nf4Tensor(elements, codes, nested(absmax, blocks, memory));
        }
    }

    private static void encode(
            DType type,
            MemorySegment source,
            long elements,
            MemorySegment codes,
            MemorySegment absmax) {
        long blocks = blocks(elements);
        float[] numbers = new float[TILE_BLOCKS * BLOCK];
        float[] magnitudes = new float[TILE_BLOCKS];
        for (long block = 0; block < blocks; block += TILE_BLOCKS) {
            int count = (int) Math.min(TILE_BLOCKS, blocks - block);
            int n = (int) Math.min((long) count * BLOCK, elements - block * BLOCK);
            Arrays.fill(numbers, n, numbers.length, 0);
            Conversions.toFloat(type, source, block * BLOCK * type.bytes(), numbers, 0, n);
            kernels(elements).encode(numbers, count, magnitudes, codes, block * BLOCK_BYTES);
            MemorySegment.copy(magnitudes, 0, absmax, Nf4Scales.FLOAT, block * Float.BYTES, count);
        }
    }

    private static Nf4Scales nested(MemorySegment absmax, long blocks, SegmentAllocator memory) {
        double sum = 0;
        for (long b = 0; b < blocks; b++) {
            sum += absmax.get(Nf4Scales.FLOAT, b * Float.BYTES);
        }
        float offset = (float) (sum / blocks);
        long groups = Math.ceilDiv(blocks, Nf4Scales.NESTED_BLOCK);
        MemorySegment codes = memory.allocate(blocks);
        MemorySegment largest = memory.allocate(groups * Float.BYTES, Float.BYTES);
        for (long group = 0; group < groups; group++) {
            long from = group * Nf4Scales.NESTED_BLOCK;
            long to = Math.min(blocks, from + Nf4Scales.NESTED_BLOCK);
            float most = 0;
            for (long b = from; b < to; b++) {
                most = Math.max(most, Math.abs(centred(absmax, b, offset)));
            }
            largest.set(Nf4Scales.FLOAT, group * Float.BYTES, most);
            for (long b = from; b < to; b++) {
                float scaled = most == 0 ? 0 : centred(absmax, b, offset) * (1 / most);
                codes.set(ValueLayout.JAVA_BYTE, b, (byte) DynamicMap.nearest(scaled));
            }
        }
        return new Nf4Scales.Nested(codes, largest, offset);
    }

    private static float centred(MemorySegment absmax, long block, float offset) {
        return absmax.get(Nf4Scales.FLOAT, block * Float.BYTES) - offset;
    }

    /// The sixteen numbers of the format, rising.
    public static float[] codebook() {
        return Codebook.values();
    }

    /// Blocks of so many numbers.
    public static long blocks(long elements) {
        return Math.ceilDiv(elements, BLOCK);
    }

    /// How many tiles [#dequantise] can be asked for.
    public int tiles() {
        return Math.toIntExact(Math.ceilDiv(blocks(elements), TILE_BLOCKS));
    }

    /// Writes the numbers of the tiles `from` to `to` (exclusive) to their places in `target`,
    /// which holds all numbers as `type`. Tiles may be written by several threads.
    public void dequantise(int from, int to, DType type, MemorySegment target) {
        float[] numbers = new float[TILE_BLOCKS * BLOCK];
        float[] magnitudes = new float[TILE_BLOCKS];
        for (long block = (long) from * TILE_BLOCKS;
                block < Math.min((long) to * TILE_BLOCKS, blocks(elements));
                block += TILE_BLOCKS) {
            int count = (int) Math.min(TILE_BLOCKS, blocks(elements) - block);
            int n = (int) Math.min((long) count * BLOCK, elements - block * BLOCK);
            scales.load(block, count, magnitudes);
            Nf4Kernels.decode(codes, block * BLOCK_BYTES, count, magnitudes, numbers);
            Conversions.fromFloat(type, numbers, 0, target, block * BLOCK * type.bytes(), n);
        }
    }

    /// Bytes in memory.
    public long bytes() {
        return codes.byteSize() + scales.bytes();
    }
}
