package dev.tailor.torch;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// A linear map, in float32 and without bias, that learns beside a model and is no part of it.
/// Owned by the model that [CausalModel#addProjection] adds it to.
public final class Projection {
    private final Parameter weight;

    Projection(Parameter weight) {
        this.weight = weight;
    }

    /// `x wᵀ` for rows of x laid end to end.
    public float[] apply(float[] x) {
        return Scoped.call(
                () -> Tensors.floats(MatrixProduct.linear(rows(x, inputs()), weight.data())));
    }

    /// The way back: adds to the matrix's gradient, and returns the derivative by x.
    ///
    /// @param x what [#apply] was given
    /// @param gradient the derivative by what it returned
    public float[] backward(float[] x, float[] gradient) {
        return Scoped.call(() -> {
            Tensor dy = rows(gradient, outputs());
            MatrixProduct.addGradient(dy, rows(x, inputs()), weight.gradientSum());
            return Tensors.floats(MatrixProduct.of(dy, weight.data()));
        });
    }

    private static Tensor rows(float[] values, long width) {
        return Tensors.floats(values, values.length / width, width);
    }

    private long outputs() {
        return shape().getFirst();
    }

    private long inputs() {
        return shape().getLast();
    }

    private List<Long> shape() {
        return weight.shape();
    }
}
