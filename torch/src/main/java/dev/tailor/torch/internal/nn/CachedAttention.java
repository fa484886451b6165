package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Attention of one new position per sequence over everything before it in the cache. Rows shorter
/// than the longest are masked, which leaves their result as it would be alone.
final class CachedAttention {
    private static final Optional<Tensor> NO_MASK = Optional.empty();

    private final DecoderConfig config;
    private final KeyValueCache cache;
    private final int longest;
    private final int[] lengths;
    private final Map<OptionalInt, Optional<Tensor>> masks = new HashMap<>();

    CachedAttention(DecoderConfig config, KeyValueCache cache) {
        this.config = config;
        this.cache = cache;
        this.lengths = cache.lengths();
        this.longest = cache.longestNext();
        config.stack().forEach(layer -> masks.computeIfAbsent(layer.window(), this::mask));
    }

    /// q is `[rows, heads · headDim]`, k and v `[rows, keyValueHeads · headDim]`; the result has
    /// the shape of q.
    Tensor mix(int layer, Tensor q, Tensor k, Tensor v) {
        cache.append(layer, k, v);
        DecoderConfig.Attention shape = config.attention();
        long sharing = shape.heads() / shape.keyValueHeads();
        long pairs = (long) lengths.length * shape.keyValueHeads();
        Tensor queries = q.view(pairs, sharing, shape.headDim());
        Tensor scores = scores(torch.bmm(queries, past(cache.keys(layer), pairs).transpose(1, 2)));
        Optional<Tensor> mask = masks.getOrDefault(config.stack().get(layer).window(), NO_MASK);
        if (mask.isPresent()) {
            scores = scores.view(lengths.length, shape.heads(), longest).add_(mask.get());
        }
        Tensor weights = torch.softmax(scores.view(pairs, sharing, longest), -1);
        Tensor mixed =
                torch.bmm(Tensors.cast(weights, q.scalar_type()), past(cache.values(layer), pairs));
        return mixed.view(lengths.length, (long) shape.heads() * shape.headDim());
    }

    private Tensor scores(Tensor products) {
        double scale = config.attention().scale();
        double cap = config.attention().softCap();
        Tensor precise = Tensors.cast(products, ScalarType.Float);
        if (cap == 0) {
            return torch.mul(precise, new Scalar(scale));
        }
        return torch.tanh(torch.mul(precise, new Scalar(scale / cap))).mul_(new Scalar(cap));
    }

    /// What is added to scores, minus infinity for positions that a row does not see; empty where
    /// every row sees everything.
    private Optional<Tensor> mask(OptionalInt window) {
        if (Arrays.stream(lengths)
                .allMatch(length -> length + 1 == longest && window.orElse(longest) >= longest)) {
            return NO_MASK;
        }
        float[] hidden = new float[lengths.length * longest];
        for (int r = 0; r < lengths.length; r++) {
            int start = r * longest;
            int end = start + lengths[r] + 1;
            int first = Math.max(start, end - window.orElse(longest));
            Arrays.fill(hidden, start, first, Float.NEGATIVE_INFINITY);
            Arrays.fill(hidden, end, start + longest, Float.NEGATIVE_INFINITY);
        }
        return Optional.of(Tensors.floats(hidden, lengths.length, 1, longest));
    }

    private Tensor past(Tensor stored, long pairs) {
        return stored.view(pairs, -1, config.attention().headDim()).narrow(1, 0, longest);
    }
}
