package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.Arrays;
import java.util.List;

/// Attention in float32 as it is written, with all scores of a segment at once. It serves windows
/// and caps, which [FlashAttention] does not know, on machines where [HeadwiseAttention] would be
/// slow.
final class MaskedAttention implements Attention.Kernel {
    private final Attention.Heads heads;
    private final HeadViews views;

    MaskedAttention(Attention.Heads heads) {
        this.heads = heads;
        views = new HeadViews(heads);
    }

    @Override
    public Attention.Forward forward(Tensor q, Tensor k, Tensor v) {
        Tensor scores = scores(views.split(q), views.shared(k));
        Tensor logSums = torch.logsumexp(scores, new long[] {-1}, true);
        Tensor p = torch.exp(torch.sub(scores, logSums));
        return new Attention.Forward(
                HeadViews.rows(torch.matmul(p, views.shared(v))), List.of(logSums));
    }

    @Override
    public Attention.Backward backward(
            Tensor q, Tensor k, Tensor v, Attention.Forward ahead, Tensor dOut) {
        Tensor queries = views.split(q);
        Tensor keys = views.shared(k);
        Tensor dMixed = views.split(dOut);
        Tensor scores = scores(queries, keys);
        Tensor p = torch.exp(torch.sub(scores, ahead.logSums().getFirst()));
        Tensor dp = torch.matmul(dMixed, views.shared(v).transpose(2, 3));
        Tensor shift =
                torch.sum(
                        torch.mul(dMixed, views.split(ahead.out())),
                        new long[] {-1},
                        true,
                        new ScalarTypeOptional());
        Tensor ds = torch.mul(p, torch.sub(dp, shift));
        if (heads.isCapped()) {
            Tensor capped = torch.mul(queries.matmul(keys.transpose(2, 3)), new Scalar(inner()));
            Tensor tanh = torch.tanh(capped);
            ds = torch.mul(ds, torch.mul(tanh, tanh).neg().add_(new Scalar(1)));
        }
        ds = ds.mul_(new Scalar(heads.scale()));
        return new Attention.Backward(
                HeadViews.rows(torch.matmul(ds, keys)),
                HeadViews.rows(views.summed(torch.matmul(ds.transpose(2, 3), queries))),
                HeadViews.rows(views.summed(torch.matmul(p.transpose(2, 3), dMixed))));
    }

    /// What a product is multiplied by inside the cap's tanh.
    private double inner() {
        return heads.scale() / heads.softCap();
    }

    /// `[count, heads, length, length]`, minus infinity where a query may not look.
    private Tensor scores(Tensor queries, Tensor keys) {
        Tensor products = torch.matmul(queries, keys.transpose(2, 3));
        Tensor scores =
                heads.isCapped()
                        ? torch.tanh(products.mul_(new Scalar(inner())))
                                .mul_(new Scalar(heads.softCap()))
                        : products.mul_(new Scalar(heads.scale()));
        return scores.add_(mask((int) queries.size(2)));
    }

    private Tensor mask(int length) {
        float[] mask = new float[length * length];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < length; i++) {
            Arrays.fill(mask, i * length + heads.firstKey(i), i * length + i + 1, 0);
        }
        return Tensors.floats(mask, length, length);
    }
}
