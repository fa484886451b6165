package dev.tailor.serve.internal.engine;

import dev.tailor.core.Seed;
import dev.tailor.torch.SamplingSettings;

import java.util.Map;

/// How the tokens of one answer are chosen. In this order: bias, frequency and presence penalty,
/// then what [SamplingSettings] say.
///
/// @param bias what is added to the logits of some tokens
/// @param frequencyPenalty taken off a token's logit for each time it was generated
/// @param presencePenalty taken off the logit of every token that was generated
/// @param seed where drawing starts
public record TokenChoice(
        SamplingSettings sampling,
        Map<Integer, Float> bias,
        double frequencyPenalty,
        double presencePenalty,
        Seed seed) {
    /// Copies the bias.
    public TokenChoice {
        bias = Map.copyOf(bias);
    }

    /// The same with another seed.
    public TokenChoice seeded(Seed other) {
        return new TokenChoice(sampling, bias, frequencyPenalty, presencePenalty, other);
    }
}
