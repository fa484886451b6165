package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A linear layer that several adapters share, each for its own rows of the batch: one product with
/// the weight for all rows, and for each adapter two narrow ones with its rows (Chen et al. 2023,
/// arXiv 2310.18547). Nothing here learns.
///
/// @param adapters by their numbers
/// @param rows which rows are whose
record DenseWithAdapters(Dense dense, Map<Integer, LowRank> adapters, AdapterRows rows)
        implements Linear {
    DenseWithAdapters {
        adapters = Map.copyOf(adapters);
    }

    /// What one adapter adds: `scale · B A`.
    record LowRank(LoraWeights weights, double scale) {}

    @Override
    public String name() {
        return dense.name();
    }

    @Override
    public Value forward(Tape tape, Value x, Dropout dropout) {
        if (tape.isRecording()) {
            throw new IllegalStateException("adapters that are served do not learn");
        }
        Value base = dense.forward(tape, x, dropout);
        for (AdapterRows.Range range : rows.ranges()) {
            LowRank adapter = adapters.get(range.adapter());
            if (adapter != null) {
                Scoped.run(() -> add(adapter, part(x, range), part(base, range)));
            }
        }
        return base;
    }

    private static Tensor part(Value value, AdapterRows.Range range) {
        return value.data().narrow(0, range.from(), (long) range.to() - range.from());
    }

    private static void add(LowRank adapter, Tensor x, Tensor y) {
        Tensor a = Tensors.cast(adapter.weights().a().data(), x.scalar_type());
        Tensor b = Tensors.cast(adapter.weights().b().data(), x.scalar_type());
        Tensor low = torch.mul(MatrixProduct.linear(x, a), new Scalar(adapter.scale()));
        y.add_(MatrixProduct.linear(low, b));
    }

    /// The same with one adapter more.
    DenseWithAdapters with(int number, LowRank adapter) {
        Map<Integer, LowRank> more = new LinkedHashMap<>(adapters);
        more.put(number, adapter);
        return new DenseWithAdapters(dense, more, rows);
    }

    @Override
    public List<Parameter> parameters() {
        return dense.parameters();
    }
}
