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
    public static TeacherDistribution top(
            int[] ids, float[] logProbs, MissingMass missing, double temperature) {
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
                    case ONE_OUTCOME -> Math.pow(Math.max(0, 1 - listed), 1 / temperature);
                };
        total += rest;
        for (int i = 0; i < ids.length; i++) {
            probabilities[i] /= total;
        }
        return new TeacherDistribution(ids, probabilities, rest / total, temperature);
    }
}
