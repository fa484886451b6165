package dev.tailor.train.distillation;

/// What one position contributes to a loss, and the derivative of that with respect to each of the
/// student's logits: in double precision, as the papers read. Training uses [LogitRow], which
/// computes the same in single precision.
public record LogitTerm(double loss, double[] slopes) {
    /// Cross-entropy: the negative log-probability of the token that follows in the data.
    public static LogitTerm crossEntropy(float[] logits, int target) {
        double[] slopes = Softmax.logProbs(logits, 1);
        double loss = -slopes[target];
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = Math.exp(slopes[i]);
        }
        slopes[target] -= 1;
        return new LogitTerm(loss, slopes);
    }

    /// The divergence from a teacher, times the square of the temperature, which keeps the size of
    /// its derivatives (arXiv 1503.02531 §2.1). The student's logits are divided by the teacher's
    /// temperature; its tokens that the teacher does not list are one outcome.
    ///
    /// @throws IllegalArgumentException for a divergence that is infinite because the teacher's
    ///   distribution leaves tokens out
    public static LogitTerm distillation(
            TokenDivergence divergence, float[] logits, TeacherDistribution teacher) {
        teacher.check(divergence, logits.length);
        double temperature = teacher.temperature();
        double[] logProbs = Softmax.logProbs(logits, temperature);
        double[] outcomeSlopes = new double[logits.length];
        boolean[] listed = new boolean[logits.length];
        double loss = 0;
        double total = 0;
        for (int i = 0; i < teacher.ids().length; i++) {
            int id = teacher.ids()[i];
            double p = teacher.probabilities()[i];
            listed[id] = true;
            double q = Math.exp(logProbs[id]);
            loss += divergence.value(p, Math.log(p), q, logProbs[id]);
            outcomeSlopes[id] = divergence.slope(p, Math.log(p), q, logProbs[id]);
            total += outcomeSlopes[id];
        }
        double others = 0;
        for (int i = 0; i < logits.length; i++) {
            others += listed[i] ? 0 : Math.exp(logProbs[i]);
        }
        double restSlope = 0;
        if (others > 0) {
            double rest = teacher.rest();
            loss += divergence.value(rest, Math.log(rest), others, Math.log(others));
            restSlope = divergence.slope(rest, Math.log(rest), others, Math.log(others));
            total += restSlope;
        }
        // d log q_i / d z_j = (1 if i = j - q_j) / T, and the rest's by its tokens' shares
        double[] slopes = new double[logits.length];
        for (int i = 0; i < slopes.length; i++) {
            double q = Math.exp(logProbs[i]);
            double own = listed[i] ? outcomeSlopes[i] : restSlope * q / others;
            slopes[i] = temperature * (own - q * total);
        }
        return new LogitTerm(temperature * temperature * loss, slopes);
    }

    /// The mean of this and another term, by weights of which at least one is above 0.
    public LogitTerm mixed(double weight, LogitTerm other, double otherWeight) {
        double sum = weight + otherWeight;
        double[] mixed = new double[slopes.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (weight * slopes[i] + otherWeight * other.slopes[i]) / sum;
        }
        return new LogitTerm((weight * loss + otherWeight * other.loss) / sum, mixed);
    }
}
