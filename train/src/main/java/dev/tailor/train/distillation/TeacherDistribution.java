package dev.tailor.train.distillation;

/// What a teacher thinks of the next token at one position, at a temperature.
///
/// @param ids the tokens it is asked about
/// @param probabilities their probabilities, which with `rest` add up to 1
/// @param rest the probability of all other tokens together
/// @param temperature what the teacher's logits were divided by, above 0
public record TeacherDistribution(
        int[] ids, double[] probabilities, double rest, double temperature) {
    /// The distribution over a whole vocabulary.
    ///
    /// @param logits one per token
    public static TeacherDistribution dense(float[] logits, double temperature) {
        int[] ids = new int[logits.length];
        double[] probabilities = Softmax.logProbs(logits, temperature);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
            probabilities[i] = Math.exp(probabilities[i]);
        }
        return new TeacherDistribution(ids, probabilities, 0, temperature);
    }

    /// The distribution known by its likeliest tokens: `p_i^(1/T) / Z`, where `Z` sums over the
    /// listed tokens, and over the rest if that is an outcome.
    ///
    /// @param ids the likeliest tokens, each once
    /// @param logProbs their log-probabilities at temperature 1
    /// @param logRest `log sum p_j^(1/T)` over the tokens that are not listed; only read for
    ///   [MissingMass#REST]
    public static TeacherDistribution top(
            int[] ids, float[] logProbs, double logRest, MissingMass missing, double temperature) {
        double[] probabilities = new double[ids.length];
        double listed = 0;
        double total = 0;
        for (int i = 0; i < ids.length; i++) {
            listed += Math.exp(logProbs[i]);
            probabilities[i] = Math.exp(logProbs[i] / temperature);
            total += probabilities[i];
        }
        double rest =
                switch (missing) {
                    case ZERO -> 0;
                    case ONE_TOKEN -> Math.pow(Math.max(0, 1 - listed), 1 / temperature);
                    case REST -> Math.exp(logRest);
                };
        total += rest;
        for (int i = 0; i < ids.length; i++) {
            probabilities[i] /= total;
        }
        return new TeacherDistribution(ids, probabilities, rest / total, temperature);
    }

    /// Refuses a divergence that is infinite because this distribution leaves out some of a
    /// vocabulary's tokens.
    void check(TokenDivergence divergence, int vocabulary) {
        if (ids.length < vocabulary && rest == 0 && divergence.needsEveryOutcome()) {
            throw new IllegalArgumentException(
                    divergence
                            + " is infinite where the teacher lists "
                            + ids.length
                            + " of "
                            + vocabulary
                            + " tokens and gives the others nothing");
        }
    }
}
