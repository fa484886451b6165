package dev.tailor.merge.internal.source;

import dev.tailor.merge.VocabularyPlan;
import dev.tailor.merge.VocabularyPlan.ModelRows;
import dev.tailor.merge.VocabularyPlan.Place;
import dev.tailor.merge.VocabularyPlan.Row;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A model whose embeddings have the rows of the output's vocabulary. Rows are looked up while they
/// are read: nothing is moved in memory.
public final class RemappedRows implements TensorSource {
    /// Elements read at once for the mean of all rows.
    private static final int CHUNK = 1 << 15;

    private final List<TensorSource> sources;
    private final int self;
    private final VocabularyPlan plan;
    private final Converter converter;
    private final Optional<DType> roundTo;
    private final Map<String, TensorInfo> infos = new HashMap<>();
    private final boolean prefix;
    private final Map<String, float[]> paddingRows = new ConcurrentHashMap<>();

    private RemappedRows(
            List<TensorSource> sources,
            int self,
            VocabularyPlan plan,
            Converter converter,
            Optional<DType> roundTo) {
        this.sources = sources;
        this.self = self;
        this.plan = plan;
        this.converter = converter;
        this.roundTo = roundTo;
        this.prefix = rows().isPrefix();
        for (TensorInfo info : own().tensors()) {
            if (rows().embeddings().contains(info.name())) {
                infos.put(info.name(), info);
            }
        }
    }

    /// Gives every model the rows of `plan`.
    ///
    /// @param sources the models in the plan's order
    /// @param roundTo the type that means are rounded to at each step, if they are
    public static List<TensorSource> of(
            VocabularyPlan plan,
            List<TensorSource> sources,
            Converter converter,
            Optional<DType> roundTo) {
        List<TensorSource> remapped = new ArrayList<>();
        for (int m = 0; m < sources.size(); m++) {
            remapped.add(new RemappedRows(List.copyOf(sources), m, plan, converter, roundTo));
        }
        return remapped;
    }

    private TensorSource own() {
        return sources.get(self);
    }

    private ModelRows rows() {
        return plan.models().get(self);
    }

    @Override
    public List<TensorInfo> tensors() {
        return own().tensors().stream().map(this::withOutputRows).toList();
    }

    private TensorInfo withOutputRows(TensorInfo info) {
        if (!infos.containsKey(info.name())) {
            return info;
        }
        List<Long> shape = new ArrayList<>(info.shape());
        shape.set(0, (long) plan.rows());
        return new TensorInfo(info.name(), info.dtype(), shape);
    }

    @Override
    public void read(String tensor, long first, int n, float[] target, MemorySegment raw) {
        TensorInfo info = infos.get(tensor);
        if (info == null || prefix) {
            own().read(tensor, first, n, target, raw);
            return;
        }
        int width = Math.toIntExact(info.elements() / info.shape().getFirst());
        int[] rowSources = rows().sources();
        int done = 0;
        while (done < n) {
            int row = Math.toIntExact((first + done) / width);
            int column = (int) ((first + done) % width);
            int source = rowSources[row];
            int count = Math.min(n - done, width - column);
            float[] piece;
            if (source >= 0) {
                while (count < n - done && rowSources[row + 1] == rowSources[row] + 1) {
                    row++;
                    count = Math.min(n - done, count + width);
                }
                piece = done == 0 ? target : new float[count];
                own().read(tensor, (long) source * width + column, count, piece, raw);
            } else {
                piece = borrowed(plan.borrowed().get(~source), tensor, width, column, count, raw);
            }
            if (piece != target) {
                System.arraycopy(piece, 0, target, done, count);
            }
            done += count;
        }
    }

    private float[] borrowed(
            Row row, String tensor, int width, int column, int count, MemorySegment raw) {
        return switch (row) {
            case Row.Zero zero -> new float[count];
            case Row.Mean(List<Place> places) -> mean(places, tensor, width, column, count, raw);
            case Row.Padding padding ->
                    Arrays.copyOfRange(paddingRow(tensor, width), column, column + count);
        };
    }

    private float[] mean(
            List<Place> places,
            String tensor,
            int width,
            int column,
            int count,
            MemorySegment raw) {
        float[] values = new float[count];
        double[] sum = new double[count];
        for (Place place : places) {
            sources.get(place.model())
                    .read(
                            tensorOf(place.model(), tensor),
                            (long) place.row() * width + column,
                            count,
                            values,
                            raw);
            if (places.size() == 1) {
                return values;
            }
            round(values, raw);
            for (int i = 0; i < count; i++) {
                sum[i] += values[i];
                values[i] = (float) sum[i];
            }
            if (roundTo.isPresent()) {
                round(values, raw);
                for (int i = 0; i < count; i++) {
                    sum[i] = values[i];
                }
            }
        }
        for (int i = 0; i < count; i++) {
            values[i] = (float) (sum[i] / places.size());
        }
        return values;
    }

    /// The same tensor in another model; a head that is missing there is tied to its embedding.
    private String tensorOf(int model, String tensor) {
        List<String> embeddings = plan.models().get(model).embeddings();
        return embeddings.contains(tensor) ? tensor : embeddings.getFirst();
    }

    /// The mean over the rows of all tokens, taken once for each tensor.
    private float[] paddingRow(String tensor, int width) {
        return paddingRows.computeIfAbsent(tensor, name -> meanOfTokens(name, width));
    }

    private float[] meanOfTokens(String tensor, int width) {
        double[] sum = new double[width];
        int[] rowSources = rows().sources();
        int count = 0;
        float[] values = new float[Math.max(width, CHUNK)];
        int step = Math.max(1, CHUNK / width);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment raw = arena.allocate(8L * values.length, 64);
            int row = 0;
            while (row < plan.tokens()) {
                if (isPadding(rowSources[row])) {
                    row++;
                    continue;
                }
                int end = row + 1;
                while (end < Math.min(plan.tokens(), row + step) && !isPadding(rowSources[end])) {
                    end++;
                }
                read(tensor, (long) row * width, (end - row) * width, values, raw);
                round(values, raw);
                for (int i = 0; i < (end - row) * width; i++) {
                    sum[i % width] += values[i];
                }
                count += end - row;
                row = end;
            }
        }
        float[] mean = new float[width];
        for (int i = 0; i < width; i++) {
            mean[i] = (float) (sum[i] / Math.max(1, count));
        }
        return mean;
    }

    private boolean isPadding(int source) {
        return source < 0 && plan.borrowed().get(~source) instanceof Row.Padding;
    }

    private void round(float[] values, MemorySegment raw) {
        roundTo.ifPresent(type -> {
            converter.fromFloat(type, values, 0, raw, 0, values.length);
            converter.toFloat(type, raw, 0, values, 0, values.length);
        });
    }

    @Override
    public DType type(String tensor) {
        return own().type(tensor);
    }

    @Override
    public boolean isStored(String tensor) {
        return own().isStored(tensor) && (prefix || !infos.containsKey(tensor));
    }

    @Override
    public void copy(String tensor, long byteOffset, MemorySegment target) {
        own().copy(tensor, byteOffset, target);
    }

    @Override
    public void close() {
        own().close();
    }
}
