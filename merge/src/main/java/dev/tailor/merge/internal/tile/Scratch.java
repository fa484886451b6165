package dev.tailor.merge.internal.tile;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The buffers of one thread: tiles of the inputs and of the output, reused for every tensor. They
/// grow where a tile is larger than usual: one long row.
public final class Scratch implements AutoCloseable {
    /// Elements of a usual tile. Four of them stay in a second-level cache of 1 MiB, and a read or
    /// write of one is large enough to hide the system call.
    public static final int TILE = 1 << 15;

    private static final int MOST_BYTES_PER_ELEMENT = 8;

    /// Its own: buffers of one arena share a count of their users, which threads would contend for.
    private final Arena arena = Arena.ofShared();

    private final List<float[]> inputs = new ArrayList<>();
    private final List<double[]> doubles = new ArrayList<>();
    private float[] output = new float[TILE];
    private int[] integers = new int[TILE];
    private MemorySegment raw;
    private MemorySegment rounding;

    /// Buffers of the usual size.
    public Scratch() {
        this.raw = allocate(TILE);
        this.rounding = allocate(TILE);
    }

    private MemorySegment allocate(int n) {
        return arena.allocate((long) n * MOST_BYTES_PER_ELEMENT, 64);
    }

    /// The tile of input number `k`, for `n` elements.
    public float[] input(int k, int n) {
        while (inputs.size() <= k) {
            inputs.add(new float[TILE]);
        }
        if (inputs.get(k).length < n) {
            inputs.set(k, new float[n]);
        }
        return inputs.get(k);
    }

    /// The tile of the output, for `n` elements.
    public float[] output(int n) {
        if (output.length < n) {
            output = new float[n];
        }
        return output;
    }

    /// Buffer number `k` of numbers in double precision, for `n` of them.
    public double[] doubles(int k, int n) {
        while (doubles.size() <= k) {
            doubles.add(new double[n]);
        }
        if (doubles.get(k).length < n) {
            doubles.set(k, new double[n]);
        }
        return doubles.get(k);
    }

    /// A tile of whole numbers.
    public int[] integers(int n) {
        if (integers.length < n) {
            integers = new int[n];
        }
        return integers;
    }

    /// Native memory for a tile on its way from or to a file.
    public MemorySegment raw(int n) {
        if (raw.byteSize() < (long) n * MOST_BYTES_PER_ELEMENT) {
            raw = allocate(n);
        }
        return raw;
    }

    /// Native memory for rounding a tile.
    public MemorySegment rounding(int n) {
        if (rounding.byteSize() < (long) n * MOST_BYTES_PER_ELEMENT) {
            rounding = allocate(n);
        }
        return rounding;
    }

    /// Frees the native buffers.
    @Override
    public void close() {
        arena.close();
    }
}
