package dev.tailor.merge.internal.tile;

import dev.tailor.core.Crc32;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.tensors.DType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/// What is noticed of a tensor's inputs while they are read for the last time: the checksums of
/// their bytes, and numbers that are not finite.
public final class InputWatch {
    private static final long NONE = Long.MAX_VALUE;

    /// Numbers of eight bytes looked at together, in an array: such loops become vector code.
    private static final int BLOCK = 1024;

    private final MergeKernels kernels;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final AtomicLongArray firstNotFinite;
    private Crc32[][] sums = new Crc32[0][];

    /// A watch over so many inputs.
    public InputWatch(MergeKernels kernels, int inputs) {
        this.kernels = kernels;
        this.firstNotFinite = new AtomicLongArray(inputs);
        for (int k = 0; k < inputs; k++) {
            firstNotFinite.set(k, NONE);
        }
    }

    /// From now on every tile of every input is read once.
    public void begin(int tiles) {
        sums = new Crc32[firstNotFinite.length()][tiles];
        watching.set(true);
    }

    /// Whether tiles are looked at.
    boolean isWatching() {
        return watching.get();
    }

    /// Looks at a tile whose numbers begin with element `first`.
    void numbers(int input, long first, float[] x, int n) {
        if (!kernels.isFinite(x, n)) {
            remember(input, first, x, n);
        }
    }

    /// Looks at a tile as it stands in the file; its numbers are rarely needed.
    void stored(
            int input,
            int tile,
            long first,
            DType type,
            MemorySegment bytes,
            Supplier<float[]> numbers,
            int n) {
        sums[input][tile] = Crc32.of(bytes);
        if (type.isFloat() && mayHoldNotFinite(type, bytes)) {
            remember(input, first, numbers.get(), n);
        }
    }

    private void remember(int input, long first, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            if (!Float.isFinite(x[i])) {
                long index = first + i;
                firstNotFinite.accumulateAndGet(input, index, Math::min);
                return;
            }
        }
    }

    /// Looks for exponents of all ones in several numbers at once: adding one to such an exponent,
    /// all else masked away, carries into the place of the sign.
    private static boolean mayHoldNotFinite(DType type, MemorySegment bytes) {
        long exponents;
        long one;
        long carries;
        switch (type) {
            case BF16 -> {
                exponents = 0x7F80_7F80_7F80_7F80L;
                one = 0x0080_0080_0080_0080L;
                carries = 0x8000_8000_8000_8000L;
            }
            case F16 -> {
                exponents = 0x7C00_7C00_7C00_7C00L;
                one = 0x0400_0400_0400_0400L;
                carries = 0x8000_8000_8000_8000L;
            }
            case F32 -> {
                exponents = 0x7F80_0000_7F80_0000L;
                one = 0x0080_0000_0080_0000L;
                carries = 0x8000_0000_8000_0000L;
            }
            default -> {
                return true;
            }
        }
        long whole = bytes.byteSize() / Long.BYTES;
        long[] block = new long[(int) Math.min(BLOCK, whole)];
        long seen = 0;
        for (long from = 0; from < whole; from += BLOCK) {
            int size = (int) Math.min(BLOCK, whole - from);
            MemorySegment.copy(
                    bytes, ValueLayout.JAVA_LONG_UNALIGNED, from * Long.BYTES, block, 0, size);
            seen |= carries(block, size, exponents, one);
        }
        // The few numbers after the last eight bytes are looked at one by one.
        return (seen & carries) != 0 || whole * Long.BYTES < bytes.byteSize();
    }

    private static long carries(long[] block, int n, long exponents, long one) {
        long seen = 0;
        for (int i = 0; i < n; i++) {
            seen |= (block[i] & exponents) + one;
        }
        return seen;
    }

    /// The first element of an input that is not a finite number.
    public OptionalLong firstNotFinite(int input) {
        long index = firstNotFinite.get(input);
        return index == NONE ? OptionalLong.empty() : OptionalLong.of(index);
    }

    /// The checksum of an input's bytes; nothing where they are not read as they stand in a file.
    public Crc32 checksum(int input) {
        Crc32 whole = Crc32.EMPTY;
        for (Crc32 sum : sums[input]) {
            if (sum == null) {
                return Crc32.EMPTY;
            }
            whole = whole.then(sum);
        }
        return whole;
    }
}
