package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.function.BooleanSupplier;

/// A low-rank adapter on the embedding: the row of token t gets `s · B A[:, t]`, with A of `[rank,
/// vocabulary]` and B of `[hidden, rank]`, both float32.
public record EmbeddingLora(LoraWeights weights, double scale, BooleanSupplier enabled) {
    /// Whether anything here learns.
    boolean learns() {
        return weights.a().trainable() || weights.b().trainable();
    }

    /// The rows of tokens, `[positions, hidden]`, with what the adapter adds to them.
    Tensor adapted(Tensor rows, int[] tokens) {
        if (!enabled.getAsBoolean()) {
            return rows;
        }
        Tensor high = MatrixProduct.of(low(tokens), weights.b().data().t());
        Tensor sum = Tensors.cast(rows, ScalarType.Float).add(high.mul_(new Scalar(scale)));
        return Tensors.cast(sum, rows.scalar_type());
    }

    /// Collects the gradients, given the derivative by the rows.
    void backward(int[] tokens, Tensor derivative) {
        Tensor dy = torch.mul(Tensors.cast(derivative, ScalarType.Float), new Scalar(scale));
        if (weights.b().trainable()) {
            weights.b().accumulate(MatrixProduct.gradient(dy, low(tokens)));
        }
        if (weights.a().trainable()) {
            Tensor dLow = MatrixProduct.of(dy, weights.b().data());
            weights.a().gradientSum().index_add_(1, Tensors.indices(tokens), dLow.t());
        }
    }

    /// A's columns of tokens, `[positions, rank]`.
    private Tensor low(int[] tokens) {
        return weights.a().data().index_select(1, Tensors.indices(tokens)).t().contiguous();
    }

    /// The embedding with the adapter's product, `E + s · (B A)ᵀ`; float32, for the caller to round
    /// once.
    public Tensor fused(Tensor embedding) {
        Tensor product = MatrixProduct.of(weights.b().data(), weights.a().data());
        return product.mul_(new Scalar(scale)).t().contiguous().add_(embedding);
    }
}
