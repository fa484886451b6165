package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A linear layer that several adapters share, each for its own rows of the batch: one product with
/// the weight for all rows, then two narrow ones. Where all adapted rows are of one adapter these
/// are with its matrices; else with those of all adapters side by side, and between the two
/// products each row keeps only its own adapter's columns. Nothing here learns.
///
/// @param adapters in the order in which `stacked` holds their columns
/// @param stacked A of all of them, `[Σ rank, in]`, and B times scale, `[out, Σ rank]`
/// @param rows which rows are whose
record DenseWithAdapters(Dense dense, List<LowRank> adapters, LoraWeights stacked, AdapterRows rows)
        implements Linear {
    /// What one adapter adds: A and B times scale.
    ///
    /// @param number what pieces call it
    record LowRank(int number, Parameter a, Parameter b) {
        AdapterRows.Columns columns() {
            return new AdapterRows.Columns(number, Math.toIntExact(a.shape().getFirst()));
        }
    }

    /// The layer with its first adapter, or with one more.
    static DenseWithAdapters of(
            Linear linear, int number, LoraWeights weights, double scale, AdapterRows rows) {
        List<LowRank> adapters = new ArrayList<>();
        if (linear instanceof DenseWithAdapters before) {
            adapters.addAll(before.adapters());
            before.stacked().parameters().forEach(Parameter::close);
        }
        Parameter b =
                parameter(weights.b(), () -> torch.mul(weights.b().data(), new Scalar(scale)));
        adapters.add(new LowRank(number, weights.a(), b));
        LoraWeights stacked =
                new LoraWeights(
                        parameter(
                                weights.a(),
                                () -> beside(adapters.stream().map(LowRank::a).toList(), 0)),
                        parameter(
                                weights.b(),
                                () -> beside(adapters.stream().map(LowRank::b).toList(), 1)),
                        Optional.empty());
        return new DenseWithAdapters(linear.dense(), List.copyOf(adapters), stacked, rows);
    }

    private static Parameter parameter(Parameter like, Supplier<Tensor> data) {
        return Scoped.call(() -> new Parameter(like.name(), data.get()));
    }

    private static Tensor beside(List<Parameter> matrices, long dimension) {
        Tensor[] tensors = matrices.stream().map(Parameter::data).toArray(Tensor[]::new);
        return torch.cat(new TensorVector(tensors), dimension);
    }

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
        List<AdapterRows.Range> ranges = rows.ranges();
        if (ranges.size() == 1) {
            AdapterRows.Range only = ranges.getFirst();
            adapters.stream()
                    .filter(adapter -> adapter.number() == only.adapter())
                    .forEach(adapter -> Scoped.run(() -> add(adapter, x, base, only)));
        } else if (!ranges.isEmpty()) {
            Scoped.run(() -> addAll(x.data(), base.data()));
        }
        return base;
    }

    private static void add(LowRank adapter, Value x, Value base, AdapterRows.Range range) {
        Tensor part = part(x, range);
        Tensor low = MatrixProduct.linear(part, typed(adapter.a(), part));
        part(base, range).add_(MatrixProduct.linear(low, typed(adapter.b(), part)));
    }

    private static Tensor part(Value value, AdapterRows.Range range) {
        return value.data().narrow(0, range.from(), (long) range.to() - range.from());
    }

    private void addAll(Tensor x, Tensor y) {
        Tensor low = MatrixProduct.linear(x, typed(stacked.a(), x));
        low.mul_(rows.mask(adapters.stream().map(LowRank::columns).toList()));
        y.add_(MatrixProduct.linear(low, typed(stacked.b(), x)));
    }

    private static Tensor typed(Parameter parameter, Tensor like) {
        return Tensors.cast(parameter.data(), like.scalar_type());
    }

    /// Frees what is not the adapters' own.
    void release() {
        stacked.parameters().forEach(Parameter::close);
        adapters.forEach(adapter -> adapter.b().close());
    }

    @Override
    public List<Parameter> parameters() {
        return dense.parameters();
    }
}
