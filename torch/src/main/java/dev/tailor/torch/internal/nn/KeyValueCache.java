package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rotated keys and values of every sequence being generated: for each layer two tensors `[rows,
/// keyValueHeads, capacity, headDim]`. Every row has its own length.
public final class KeyValueCache implements AutoCloseable {
    /// Room is added in blocks of this many positions, at least.
    private static final int BLOCK = 64;

    private final DecoderConfig config;
    private final ScalarType type;
    private Kept memory = new Kept();
    private List<Tensor> keys = List.of();
    private List<Tensor> values = List.of();
    private int[] lengths;
    private int capacity;

    /// A cache with empty rows.
    public KeyValueCache(DecoderConfig config, ScalarType type, int rows, int capacity) {
        this.config = config;
        this.type = type;
        this.lengths = new int[rows];
        this.capacity = capacity;
        Scoped.run(() -> {
            keys = fresh(rows, capacity, memory);
            values = fresh(rows, capacity, memory);
        });
    }

    private List<Tensor> fresh(int rows, int room, Kept owner) {
        DecoderConfig.Attention shape = config.attention();
        List<Tensor> tensors = new ArrayList<>();
        for (int l = 0; l < config.layers(); l++) {
            tensors.add(
                    owner.keep(
                            Tensors.zeros(
                                    type, rows, shape.keyValueHeads(), room, shape.headDim())));
        }
        return tensors;
    }

    /// Positions in every row.
    int[] lengths() {
        return lengths.clone();
    }

    /// The longest row once one more position is in.
    int longestNext() {
        return Arrays.stream(lengths).max().orElse(0) + 1;
    }

    Tensor keys(int layer) {
        return keys.get(layer);
    }

    Tensor values(int layer) {
        return values.get(layer);
    }

    /// Stores the keys and values of whole prompts, laid end to end in `[positions, width]`.
    void fill(int layer, Tensor k, Tensor v, int[] promptLengths, int[] rows) {
        int start = 0;
        for (int i = 0; i < rows.length; i++) {
            store(keys.get(layer), k, start, promptLengths[i], rows[i]);
            store(values.get(layer), v, start, promptLengths[i], rows[i]);
            start += promptLengths[i];
        }
    }

    private void store(Tensor cache, Tensor flat, int start, int length, int row) {
        DecoderConfig.Attention shape = config.attention();
        Tensor perHead =
                flat.narrow(0, start, length)
                        .view(length, shape.keyValueHeads(), shape.headDim())
                        .transpose(0, 1);
        cache.select(0, row).narrow(1, 0, length).copy_(perHead);
    }

    /// The prompts are in.
    void filled(int[] promptLengths, int[] rows) {
        for (int i = 0; i < rows.length; i++) {
            lengths[rows[i]] = promptLengths[i];
        }
    }

    /// Stores one position for every row, from `[rows, width]`.
    void append(int layer, Tensor k, Tensor v) {
        append(keys.get(layer), k);
        append(values.get(layer), v);
    }

    private void append(Tensor cache, Tensor flat) {
        long bytes = config.attention().headDim() * flat.element_size();
        int heads = config.attention().keyValueHeads();
        MemorySegment target = Tensors.memory(cache);
        MemorySegment source = Tensors.memory(flat);
        for (int row = 0; row < lengths.length; row++) {
            for (int head = 0; head < heads; head++) {
                long from = ((long) row * heads + head) * bytes;
                long to = (((long) row * heads + head) * capacity + lengths[row]) * bytes;
                MemorySegment.copy(source, from, target, to, bytes);
            }
        }
    }

    /// One position has been stored in every layer.
    void advanced() {
        for (int row = 0; row < lengths.length; row++) {
            lengths[row]++;
        }
    }

    /// Makes sure that many positions fit.
    public void reserve(int positions) {
        if (positions > capacity) {
            int room = Math.max(positions, capacity + Math.max(BLOCK, capacity / 2));
            rebuild(java.util.stream.IntStream.range(0, lengths.length).toArray(), room);
        }
    }

    /// Keeps only these rows, in this order.
    public void keepRows(int[] rows) {
        rebuild(rows, capacity);
    }

    private void rebuild(int[] rows, int room) {
        int used = Math.min(capacity, room);
        Kept next = new Kept();
        Scoped.run(() -> {
            keys = moved(keys, rows, used, room, next);
            values = moved(values, rows, used, room, next);
        });
        memory.close();
        memory = next;
        lengths = Arrays.stream(rows).map(row -> lengths[row]).toArray();
        capacity = room;
    }

    private List<Tensor> moved(List<Tensor> from, int[] rows, int used, int room, Kept owner) {
        List<Tensor> to = fresh(rows.length, room, owner);
        for (int l = 0; l < to.size(); l++) {
            for (int i = 0; i < rows.length; i++) {
                Tensor source = from.get(l).select(0, rows[i]).narrow(1, 0, used);
                to.get(l).select(0, i).narrow(1, 0, used).copy_(source);
            }
        }
        return to;
    }

    @Override
    public void close() {
        memory.close();
    }
}
