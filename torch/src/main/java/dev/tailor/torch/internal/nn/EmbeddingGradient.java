package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The gradient of the embedding: every position's derivative added to its token's row, in the
/// order of positions, in float32, times what embeddings are multiplied by.
final class EmbeddingGradient {
    private EmbeddingGradient() {}

    static void accumulate(Parameter embedding, int[] tokens, Tensor gradient, double scale) {
        Tensor sum = embedding.gradientSum();
        Tensor rows = Tensors.cast(gradient, ScalarType.Float);
        sum.index_add_(0, Tensors.indices(tokens), rows, new Scalar(scale));
    }
}
