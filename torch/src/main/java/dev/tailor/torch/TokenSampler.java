package dev.tailor.torch;

import dev.tailor.core.Seed;
import dev.tailor.torch.internal.generate.Sampler;

/// Chooses the tokens of one sequence, the same ones from the same logits and seed.
public final class TokenSampler {
    private final Sampler sampler;

    /// Draws by these settings from this seed on.
    public TokenSampler(SamplingSettings settings, Seed seed) {
        this.sampler = new Sampler(settings, seed.generator());
    }

    /// The next token. `logits` is overwritten; `seen` are the tokens of prompt and answer so far,
    /// read only where repetition is penalised.
    public int choose(float[] logits, int[] seen) {
        return sampler.choose(logits, seen);
    }
}
