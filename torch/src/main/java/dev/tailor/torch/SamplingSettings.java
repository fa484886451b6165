package dev.tailor.torch;

/// How the next token is chosen. Applied in this order: repetition penalty, temperature, top-k,
/// top-p, min-p.
///
/// @param temperature 0 takes the likeliest token (greedy) and reads none of top-k, top-p, min-p
/// @param topK keep the k likeliest tokens; 0 keeps all
/// @param topP keep the smallest set of tokens with at least this probability; 1 keeps all
/// @param minP keep tokens with at least this share of the likeliest one's probability; 0 keeps all
/// @param repetitionPenalty divides positive and multiplies negative logits of tokens that have
///   occurred; 1 changes nothing
/// @param maxTokens the most tokens to generate
public record SamplingSettings(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        int maxTokens) {
    /// Checks the ranges.
    public SamplingSettings {
        require(temperature >= 0, "temperature", temperature);
        require(topK >= 0, "top-k", topK);
        require(topP > 0 && topP <= 1, "top-p", topP);
        require(minP >= 0 && minP <= 1, "min-p", minP);
        require(repetitionPenalty > 0, "repetition-penalty", repetitionPenalty);
        require(maxTokens >= 0, "max-tokens", maxTokens);
    }

    /// The likeliest token at every step.
    public static SamplingSettings greedy(int maxTokens) {
        return new SamplingSettings(0, 0, 1, 0, 1, maxTokens);
    }

    private static void require(boolean holds, String name, double value) {
        if (!holds) {
            String shown = String.valueOf(value).replaceFirst("\\.0$", "");
            throw new IllegalArgumentException(name + " is out of range: " + shown);
        }
    }
}
