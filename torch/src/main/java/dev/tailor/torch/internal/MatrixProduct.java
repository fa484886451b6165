package dev.tailor.torch.internal;

import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

import java.util.Optional;

/// Products of matrices. libtorch sends float32 to OpenBLAS, which uses half the vector width of
/// recent processors and one thread here; oneDNN, which libtorch carries for bfloat16, computes the
/// same product (same rounding error) four times as fast on two cores. It is reached through an
/// operator made for fused layers; where that is missing, libtorch's own choice serves.
public final class MatrixProduct {
    private static final MatrixProduct BEST = new MatrixProduct();

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
        noScalars = kept(oneDnn.map(MatrixProduct::emptyScalars).orElseGet(IValue::new));
    }

    private static IValue kept(IValue value) {
        value.retainReference();
        return value;
    }

    /// An empty list of the type that the operator's fifth parameter has.
    private static IValue emptyScalars(Dispatch operator) {
        FunctionSchema schema = operator.schema();
        Type list = schema.arguments().getPointer(4).type().get();
        return new IValue(new GenericList(list.containedType(0)));
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

    private Tensor product(Tensor x, Tensor w, Optional<Tensor> bias) {
        if (oneDnn.isEmpty() || !Tensors.isFloat(x) || x.numel() == 0) {
            return torch.linear(x, w, bias.map(TensorOptional::new).orElseGet(TensorOptional::new));
        }
        return oneDnn.get()
                .tensor(
                        new IValue(x),
                        new IValue(w),
                        bias.map(IValue::new).orElse(noBias),
                        noActivation,
                        noScalars,
                        noAlgorithm);
    }
}
