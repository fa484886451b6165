package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;

/// Attention of one new position per sequence over everything before it in the cache. Rows shorter
/// than the longest are masked, which leaves their result as it would be alone.
final class CachedAttention {
    private final DecoderConfig.Attention shape;
    private final KeyValueCache cache;
    private final int longest;
    private final int rows;
    private final Tensor mask;
    private final boolean masks;

    CachedAttention(DecoderConfig.Attention shape, KeyValueCache cache) {
        this.shape = shape;
        this.cache = cache;
        int[] lengths = cache.lengths();
        this.rows = lengths.length;
        this.longest = cache.longestNext();
        this.masks = Arrays.stream(lengths).anyMatch(length -> length + 1 < longest);
        float[] hidden = new float[masks ? rows * longest : 0];
        for (int r = 0; masks && r < rows; r++) {
            Arrays.fill(
                    hidden,
                    r * longest + lengths[r] + 1,
                    (r + 1) * longest,
                    Float.NEGATIVE_INFINITY);
        }
        this.mask = Tensors.floats(hidden, masks ? rows : 0, 1, longest);
    }

    /// q is `[rows, heads · headDim]`, k and v `[rows, keyValueHeads · headDim]`; the result has
    /// the shape of q.
    Tensor mix(int layer, Tensor q, Tensor k, Tensor v) {
        cache.append(layer, k, v);
        long sharing = shape.heads() / shape.keyValueHeads();
        long pairs = (long) rows * shape.keyValueHeads();
        Tensor queries = q.view(pairs, sharing, shape.headDim());
        Tensor scores =
                Tensors.cast(
                        torch.bmm(queries, past(cache.keys(layer), pairs).transpose(1, 2)),
                        ScalarType.Float);
        scores = torch.mul(scores, new Scalar(1 / Math.sqrt(shape.headDim())));
        if (masks) {
            scores = scores.view(rows, shape.heads(), longest).add_(mask);
        }
        Tensor weights = torch.softmax(scores.view(pairs, sharing, longest), -1);
        Tensor mixed =
                torch.bmm(Tensors.cast(weights, q.scalar_type()), past(cache.values(layer), pairs));
        return mixed.view(rows, (long) shape.heads() * shape.headDim());
    }

    private Tensor past(Tensor stored, long pairs) {
        return stored.view(pairs, -1, shape.headDim()).narrow(1, 0, longest);
    }
}
