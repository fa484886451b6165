package dev.tailor.torch.internal;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Optional;

/// Products of matrices. libtorch sends float32 to OpenBLAS, which uses half the vector width of
/// some recent processors and one thread here; oneDNN, which libtorch carries for bfloat16,
/// computes the same product (same rounding error) up to four times as fast on two cores. It is
/// reached through an operator made for fused layers; where that is missing, libtorch's own choice
/// serves. The gradient of a weight, a product with a transposed matrix, goes to [Sgemm] where that
/// is fast.
///
/// Where the processor has no instructions for bfloat16, its products are computed in float32 and
/// rounded once, which is what those instructions do.
public final class MatrixProduct {
    private static final MatrixProduct BEST = new MatrixProduct();

    private static final boolean BFLOAT16 = Processor.multipliesBfloat16();

    /// Up to so many rows, reading the weights twice would cost more than emulation does.
    private static final int FEW_ROWS = 16;

    /// A product with this many times more outputs than rows is wide.
    private static final int WIDE = 8;

    /// Rows of a gradient that are made at a time where they are not added in place.
    private static final long PART_ROWS = 8192;

    private final Optional<Dispatch> oneDnn;
    private final IValue noBias;
    private final IValue noActivation;
    private final IValue noScalars;
    private final IValue noAlgorithm;

    private MatrixProduct() {
        oneDnn = Dispatch.find("mkldnn::_linear_pointwise");
        noBias = kept(new IValue());
        noActivation = kept(new IValue("none"));
        noAlgorithm = kept(new IValue(""));
        noScalars = kept(oneDnn.map(operator -> operator.list(4)).orElseGet(IValue::new));
    }

    private static IValue kept(IValue value) {
        value.retainReference();
        return value;
    }

    /// `x wᵀ` for x of `[rows, in]` and w of `[out, in]`.
    public static Tensor linear(Tensor x, Tensor w) {
        return BEST.product(x, w, Optional.empty());
    }

    /// `x wᵀ + b`.
    public static Tensor linear(Tensor x, Tensor w, Optional<Tensor> bias) {
        return BEST.product(x, w, bias);
    }

    /// `a b` for a of `[m, k]` and b of `[k, n]`.
    public static Tensor of(Tensor a, Tensor b) {
        return BEST.product(a, b.t(), Optional.empty());
    }

    /// Whether bfloat16 is multiplied as such rather than as float32.
    public static boolean multipliesBfloat16() {
        return BFLOAT16;
    }

    /// A matrix in the form in which several products can use it: a float32 copy where each of them
    /// would make one.
    public static Tensor operand(Tensor matrix) {
        return BFLOAT16 || matrix.is_cuda() ? matrix : Tensors.cast(matrix, ScalarType.Float);
    }

    /// The gradient of a weight, `dyᵀ x` for dy of `[positions, out]` and x of `[positions, in]`.
    public static Tensor gradient(Tensor dy, Tensor x) {
        if (!addsInPlace(dy)) {
            return of(dy.t(), x);
        }
        Tensor product = Tensors.empty(ScalarType.Float, dy.size(1), x.size(1));
        add(dy, x, product, Sgemm.Into.FRESH);
        return Tensors.cast(product, dy.scalar_type());
    }

    /// Adds [#gradient] to a float32 sum, without a second matrix of its size.
    public static void addGradient(Tensor dy, Tensor x, Tensor sum) {
        if (addsInPlace(dy)) {
            add(dy, x, sum, Sgemm.Into.SUM);
            return;
        }
        for (long from = 0; from < sum.size(0); from += PART_ROWS) {
            long start = from;
            long rows = Math.min(PART_ROWS, sum.size(0) - from);
            Scoped.run(() -> sum.narrow(0, start, rows).add_(of(dy.narrow(1, start, rows).t(), x)));
        }
    }

    /// Whether [#addGradient] makes no product beside the sum and rounds nothing in between, so
    /// that many short ones are as good as a long one.
    public static boolean addsInPlace(Tensor dy) {
        return !dy.is_cuda() && Sgemm.isAvailable() && (!BFLOAT16 || Tensors.isFloat(dy));
    }

    private static void add(Tensor dy, Tensor x, Tensor sum, Sgemm.Into into) {
        Tensor left = Tensors.cast(dy, ScalarType.Float);
        Tensor right = Tensors.cast(x, ScalarType.Float);
        Sgemm.parallel(
                Matrix.of(left.contiguous()).t(),
                Matrix.of(right.contiguous()),
                Matrix.of(sum),
                into);
    }

    /// oneDNN reorders the weights at every call, which is dear where they are many beside few
    /// rows.
    private static boolean isWide(Tensor x, Tensor w) {
        return Tensors.isFloat(x)
                && x.size(0) > FEW_ROWS
                && w.size(0) >= WIDE * x.size(0)
                && x.is_contiguous()
                && w.is_contiguous()
                && Sgemm.isAvailable();
    }

    private Tensor product(Tensor x, Tensor w, Optional<Tensor> bias) {
        boolean mixed = Tensors.isFloat(x) != Tensors.isFloat(w);
        boolean onCard = x.is_cuda();
        if (mixed || !onCard && !BFLOAT16 && !Tensors.isFloat(x) && x.size(0) > FEW_ROWS) {
            Tensor precise =
                    product(
                            Tensors.cast(x, ScalarType.Float),
                            Tensors.cast(w, ScalarType.Float),
                            bias.map(b -> Tensors.cast(b, ScalarType.Float)));
            return Tensors.cast(precise, x.scalar_type());
        }
        if (!onCard && isWide(x, w) && bias.isEmpty()) {
            Tensor y = Tensors.empty(ScalarType.Float, x.size(0), w.size(0));
            Sgemm.parallel(Matrix.of(x), Matrix.of(w).t(), Matrix.of(y), Sgemm.Into.FRESH);
            return y;
        }
        if (onCard || oneDnn.isEmpty() || !Tensors.isFloat(x) || x.numel() == 0) {
            return torch.linear(x, w, bias.map(TensorOptional::new).orElseGet(TensorOptional::new));
        }
        // Arguments hold on to their tensors: they must not outlive the call.
        return Scoped.tensor(() ->
                oneDnn.get()
                        .tensor(
                                new IValue(x),
                                new IValue(w),
                                bias.map(IValue::new).orElse(noBias),
                                noActivation,
                                noScalars,
                                noAlgorithm));
    }
}
