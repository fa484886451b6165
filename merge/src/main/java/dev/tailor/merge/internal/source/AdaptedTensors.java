package dev.tailor.merge.internal.source;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.source.PeftAdapter.LowRankUpdate;
import dev.tailor.merge.internal.source.PeftAdapter.Replacement;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A model with a LoRA adapter merged in on the fly, in single precision: no merged copy is ever
/// written.
public final class AdaptedTensors implements TensorSource {
    private final TensorSource base;
    private final PeftAdapter adapter;

    /// Puts an adapter on a model. An adapter that does not fit is [ErrorCode#MODEL_INVALID].
    public AdaptedTensors(TensorSource base, PeftAdapter adapter) {
        this.base = base;
        this.adapter = adapter;
        Set<String> names = new HashSet<>();
        for (TensorInfo info : base.tensors()) {
            names.add(info.name());
            LowRankUpdate update = adapter.updates().get(info.name());
            if (update != null
                    && !info.shape().equals(List.of(update.rows(), (long) update.columns()))) {
                throw mismatch(
                        "the update of '%s' is [%d, %d], the tensor %s"
                                .formatted(
                                        info.name(),
                                        update.rows(),
                                        update.columns(),
                                        info.shape()));
            }
        }
        for (Set<String> targets :
                List.of(adapter.updates().keySet(), adapter.replacements().keySet())) {
            for (String target : targets) {
                if (!names.contains(target)) {
                    throw mismatch("the base model has no tensor '" + target + "'");
                }
            }
        }
    }

    private TailorException mismatch(String what) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what)
                .at(adapter.path())
                .remedy("the adapter was made for another model");
    }

    @Override
    public List<TensorInfo> tensors() {
        return base.tensors().stream()
                .map(info -> {
                    Replacement replacement = adapter.replacements().get(info.name());
                    return replacement == null
                            ? info
                            : new TensorInfo(info.name(), info.dtype(), replacement.info().shape());
                })
                .toList();
    }

    @Override
    public void read(String tensor, long first, int n, float[] target, MemorySegment raw) {
        Replacement replacement = adapter.replacements().get(tensor);
        if (replacement != null) {
            System.arraycopy(replacement.values(), Math.toIntExact(first), target, 0, n);
            return;
        }
        base.read(tensor, first, n, target, raw);
        LowRankUpdate update = adapter.updates().get(tensor);
        if (update != null) {
            add(update, first, n, target);
        }
    }

    /// Adds elements `first` to `first + n` of the update, row by row.
    private static void add(LowRankUpdate update, long first, int n, float[] target) {
        int columns = update.columns();
        float[] product = new float[columns];
        int done = 0;
        while (done < n) {
            int row = Math.toIntExact((first + done) / columns);
            int from = (int) ((first + done) % columns);
            int to = Math.min(columns, from + n - done);
            Arrays.fill(product, from, to, 0);
            for (int k = 0; k < update.rank(); k++) {
                float left = update.left()[row * update.rank() + k];
                int right = k * columns;
                for (int j = from; j < to; j++) {
                    product[j] += left * update.right()[right + j];
                }
            }
            for (int j = from; j < to; j++) {
                target[done + j - from] += update.scale() * product[j];
            }
            done += to - from;
        }
    }

    @Override
    public DType type(String tensor) {
        return base.type(tensor);
    }

    @Override
    public boolean isStored(String tensor) {
        return base.isStored(tensor)
                && !adapter.updates().containsKey(tensor)
                && !adapter.replacements().containsKey(tensor);
    }

    @Override
    public void copy(String tensor, long byteOffset, MemorySegment target) {
        base.copy(tensor, byteOffset, target);
    }

    @Override
    public void close() {
        base.close();
    }
}
