package dev.tailor.eval;

/// How likely a model finds a text.
///
/// @param logProb natural logarithm of the text's probability: the sum over its tokens
/// @param tokens number of tokens that were scored
/// @param tokenLogProbs log-probability of each scored token, in order
/// @param greedy whether greedy decoding would have produced exactly these tokens
public record Score(double logProb, int tokens, float[] tokenLogProbs, boolean greedy) {
    /// A score from its tokens.
    public static Score of(float[] tokenLogProbs, boolean greedy) {
        double sum = 0;
        for (float logProb : tokenLogProbs) {
            sum += logProb;
        }
        return new Score(sum, tokenLogProbs.length, tokenLogProbs, greedy);
    }

    /// Mean log-probability per token; 0 for an empty text.
    public double perToken() {
        return tokens == 0 ? 0 : logProb / tokens;
    }
}
