package dev.tailor.torch;

import dev.tailor.torch.internal.kernels.Softmax;

/// The softmax of a row of logits.
public final class TokenProbabilities {
    private TokenProbabilities() {}

    /// Writes `e^(logits[i] / temperature - r)` for the first `count` logits, which then add up to
    /// 1, and returns `r`.
    public static float of(float[] logits, int count, double temperature, float[] into) {
        float scale = (float) (1 / temperature);
        for (int i = 0; i < count; i++) {
            into[i] = logits[i] * scale;
        }
        float logSumExp = Softmax.logSumExp(into, count);
        Softmax.exponentials(into, count, logSumExp);
        return logSumExp;
    }
}
