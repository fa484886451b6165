package dev.tailor.merge.internal.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The buffers of one thread: tiles of the inputs and of the output, reused for every tensor.
public final class Scratch {
    /// Elements of a tile. Four of them stay in a second-level cache of 1 MiB, and a read or write
    /// of one is large enough to hide the system call.
    public static final int TILE = 1 << 15;

    private static final int MOST_BYTES_PER_ELEMENT = 8;

    private final List<float[]> inputs = new ArrayList<>();
    private final float[] output = new float[TILE];
    private final int[] integers = new int[TILE];
    private final MemorySegment raw;
    private final MemorySegment rounding;

    /// Allocates the native buffers in `arena`.
    public Scratch(Arena arena) {
        this.raw = arena.allocate((long) TILE * MOST_BYTES_PER_ELEMENT, 64);
        this.rounding = arena.allocate((long) TILE * MOST_BYTES_PER_ELEMENT, 64);
    }

    /// The tile of input number `k`.
    public float[] input(int k) {
        while (inputs.size() <= k) {
            inputs.add(new float[TILE]);
        }
        return inputs.get(k);
    }

    /// The tile of the output.
    public float[] output() {
        return output;
    }

    /// A tile of whole numbers.
    int[] integers() {
        return integers;
    }

    /// Native memory for a tile on its way from or to a file.
    public MemorySegment raw() {
        return raw;
    }

    /// Native memory for rounding a tile.
    public MemorySegment rounding() {
        return rounding;
    }
}
