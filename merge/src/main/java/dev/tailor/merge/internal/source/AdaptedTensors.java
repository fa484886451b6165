package dev.tailor.merge.internal.source;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.kernel.LowRankProduct;
import dev.tailor.merge.internal.kernel.MatrixKernels;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A model with a LoRA adapter merged in on the fly, in single precision: no merged copy is ever
/// written, and only the adapter is held in memory.
public final class AdaptedTensors implements TensorSource {
    private final TensorSource base;
    private final PeftAdapter adapter;
    private final Converter converter;
    private final MatrixKernels kernels;
    private final Map<String, MagnitudeScaling> scalings = new HashMap<>();

    /// Puts an adapter on a model; both are closed with this. An adapter that does not fit is
    /// [ErrorCode#MODEL_INVALID].
    public AdaptedTensors(TensorSource base, PeftAdapter adapter) {
        this.base = base;
        this.adapter = adapter;
        long elements = base.tensors().stream().mapToLong(TensorInfo::elements).sum();
        this.converter = Converter.forElements(elements);
        this.kernels = MatrixKernels.forElements(elements);
        try {
            requireFit();
        } catch (RuntimeException e) {
            adapter.close();
            throw e;
        }
        tensors().forEach(this::prepareScaling);
    }

    private void requireFit() {
        Set<String> names = new HashSet<>();
        base.tensors().forEach(info -> names.add(info.name()));
        List<String> strangers =
                adapter.changes().keySet().stream()
                        .filter(name -> !names.contains(name) && !isTied(name))
                        .toList();
        if (!strangers.isEmpty()) {
            throw mismatch(
                    "the base model has no tensor '"
                            + String.join(
                                    "', '", strangers.subList(0, Math.min(8, strangers.size())))
                            + "'"
                            + (strangers.size() > 8
                                    ? " and " + (strangers.size() - 8) + " more"
                                    : ""),
                    strangers.equals(List.of("lm_head.weight"))
                            ? "the base's head is its embedding; an adapter that gives the head"
                                    + " numbers of its own needs a base whose head is stored apart"
                            : "the adapter was made for another model");
        }
        tensors().forEach(this::requireFit);
    }

    /// Whether a tensor that the base does not store is the head, and says what the embedding says.
    private boolean isTied(String name) {
        Optional<TensorInfo> head = change(name).replacement();
        return adapter.changes().entrySet().stream()
                .filter(other -> !other.getKey().equals(name))
                .filter(other -> TiedHead.of(other.getKey()).equals(name))
                .flatMap(other -> other.getValue().replacement().stream())
                .anyMatch(embedding -> head.filter(own -> isSame(own, embedding)).isPresent());
    }

    private boolean isSame(TensorInfo one, TensorInfo other) {
        return one.dtype() == other.dtype()
                && one.shape().equals(other.shape())
                && adapter.file().data(one.name()).mismatch(adapter.file().data(other.name()))
                        == -1;
    }

    private void requireFit(TensorInfo info) {
        TensorChange change = change(info.name());
        boolean isUpdated =
                change.product().isPresent()
                        || change.addition().isPresent()
                        || change.rows().isPresent();
        if (isUpdated && !info.dtype().isFloat()) {
            throw mismatch(
                    "the tensor '%s' holds %s numbers, which cannot be updated"
                            .formatted(info.name(), info.dtype()),
                    "merge the adapter into the model as it was before it was quantised");
        }
        change.product()
                .ifPresent(product ->
                        requireShape(
                                info, List.of((long) product.rows(), (long) product.columns())));
        change.addition()
                .ifPresent(addition -> requireShape(info, List.of((long) addition.length)));
        change.rows()
                .ifPresent(rows -> {
                    requireShape(info, List.of(info.shape().getFirst(), (long) rows.columns()));
                    for (int row : rows.indices()) {
                        if (row < 0 || row >= info.shape().getFirst()) {
                            throw mismatch(
                                    "'%s' has no row %d".formatted(info.name(), row),
                                    "the adapter was made for another vocabulary");
                        }
                    }
                });
    }

    private void requireShape(TensorInfo info, List<Long> shape) {
        if (!info.shape().equals(shape)) {
            throw mismatch(
                    "the update of '%s' is %s, the tensor %s"
                            .formatted(info.name(), shape, info.shape()),
                    "the adapter was made for another model");
        }
    }

    private TailorException mismatch(String what, String remedy) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what).at(adapter.path()).remedy(remedy);
    }

    private void prepareScaling(TensorInfo info) {
        change(info.name())
                .magnitude()
                .ifPresent(magnitude ->
                        scalings.put(
                                info.name(),
                                new MagnitudeScaling(
                                        info,
                                        magnitude,
                                        (first, n, target, raw) ->
                                                readUnscaled(info.name(), first, n, target, raw))));
    }

    private TensorChange change(String tensor) {
        return adapter.changes().getOrDefault(tensor, TensorChange.NONE);
    }

    @Override
    public List<TensorInfo> tensors() {
        return base.tensors().stream()
                .map(info ->
                        change(info.name())
                                .replacement()
                                .map(other ->
                                        new TensorInfo(info.name(), info.dtype(), other.shape()))
                                .orElse(info))
                .toList();
    }

    @Override
    public void read(String tensor, long first, int n, float[] target, MemorySegment raw) {
        readUnscaled(tensor, first, n, target, raw);
        Optional.ofNullable(scalings.get(tensor))
                .ifPresent(scaling -> scaling.apply(first, n, target));
    }

    private void readUnscaled(String tensor, long first, int n, float[] target, MemorySegment raw) {
        TensorChange change = change(tensor);
        if (change.replacement().isPresent()) {
            TensorInfo info = change.replacement().get();
            int size = info.dtype().bytes();
            MemorySegment piece = raw.asSlice(0, (long) n * size);
            adapter.file().read(info.name(), first * size, piece);
            converter.toFloat(info.dtype(), piece, 0, target, 0, n);
        } else {
            base.read(tensor, first, n, target, raw);
        }
        change.rows().ifPresent(rows -> put(rows, first, n, target));
        change.product().ifPresent(product -> add(product, first, n, target));
        change.addition()
                .ifPresent(addition -> {
                    for (int i = 0; i < n; i++) {
                        target[i] += addition[Math.toIntExact(first + i)];
                    }
                });
    }

    private static void put(TensorChange.Rows rows, long first, int n, float[] target) {
        for (int r = 0; r < rows.indices().length; r++) {
            long begin = (long) rows.indices()[r] * rows.columns();
            long from = Math.max(first, begin);
            long to = Math.min(first + n, begin + rows.columns());
            if (from < to) {
                System.arraycopy(
                        rows.values(),
                        (int) (from - begin) + r * rows.columns(),
                        target,
                        (int) (from - first),
                        (int) (to - from));
            }
        }
    }

    /// Elements `first` to `first + n` are the end of a row, whole rows, and the start of a row.
    private void add(LowRankProduct product, long first, int n, float[] target) {
        int columns = product.columns();
        int done = 0;
        while (done < n) {
            int row = Math.toIntExact((first + done) / columns);
            int from = (int) ((first + done) % columns);
            int to = Math.min(columns, from + n - done);
            int rows = from == 0 && to == columns ? (n - done) / columns : 1;
            kernels.add(product, new LowRankProduct.Block(row, rows, from, to), target, done);
            done += rows * (to - from);
        }
    }

    @Override
    public DType type(String tensor) {
        return base.type(tensor);
    }

    @Override
    public boolean isStored(String tensor) {
        return base.isStored(tensor) && !adapter.changes().containsKey(tensor);
    }

    @Override
    public void copy(String tensor, long byteOffset, MemorySegment target) {
        base.copy(tensor, byteOffset, target);
    }

    @Override
    public void close() {
        base.close();
        adapter.close();
    }
}
