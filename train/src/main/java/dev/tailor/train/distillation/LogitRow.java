package dev.tailor.train.distillation;

import dev.tailor.torch.TokenProbabilities;

/// The losses of one position and the derivative of their weighted sum with respect to each of the
/// student's logits, in single precision; what [LogitTerm] says in double.
///
/// Divergences compare the first `shared` tokens: rows of an embedding beyond those that student
/// and teacher both have are padding.
public final class LogitRow {
    private final float[] logits;
    private final int shared;
    private final float[] slopes;
    private final float[] q;

    /// @param shared tokens that student and teacher both have, at most the number of logits
    public LogitRow(float[] logits, int shared) {
        this.logits = logits;
        this.shared = shared;
        this.slopes = new float[logits.length];
        this.q = new float[logits.length];
    }

    /// Cross-entropy; its derivative counts `weight` times.
    public double crossEntropy(int target, double weight) {
        float norm = TokenProbabilities.of(logits, logits.length, 1, q);
        if (weight != 0) {
            add((float) weight, logits.length);
            slopes[target] -= (float) weight;
        }
        return (double) norm - logits[target];
    }

    /// The divergence from a teacher of which every logit is known, times the square of the
    /// temperature; its derivative counts `weight` times.
    public double divergence(
            TokenDivergence divergence, float[] teacher, double temperature, double weight) {
        float[] p = new float[shared];
        float logP = TokenProbabilities.of(teacher, shared, temperature, p);
        float logQ = TokenProbabilities.of(logits, shared, temperature, q);
        double inverse = 1 / temperature;
        double loss = 0;
        double total = 0;
        for (int i = 0; i < shared; i++) {
            double ofTeacher = teacher[i] * inverse - logP;
            double ofStudent = logits[i] * inverse - logQ;
            loss += divergence.value(p[i], ofTeacher, q[i], ofStudent);
            double slope = divergence.slope(p[i], ofTeacher, q[i], ofStudent);
            total += slope;
            p[i] = (float) slope;
        }
        // d log q_i / d z_j = (1 if i = j - q_j) / T
        float scale = (float) (weight * temperature);
        float sum = (float) total;
        for (int i = 0; i < shared; i++) {
            slopes[i] += scale * (p[i] - q[i] * sum);
        }
        return temperature * temperature * loss;
    }

    /// The same from a teacher of which the likeliest tokens are known.
    public double divergence(
            TokenDivergence divergence, TeacherDistribution teacher, double weight) {
        teacher.check(divergence, shared);
        double temperature = teacher.temperature();
        float logQ = TokenProbabilities.of(logits, shared, temperature, q);
        int[] ids = teacher.ids();
        double[] own = new double[ids.length];
        double[] listed = new double[ids.length];
        double loss = 0;
        double total = 0;
        for (int i = 0; i < ids.length; i++) {
            double p = teacher.probabilities()[i];
            double logP = Math.log(p);
            double ofStudent = logits[ids[i]] / temperature - logQ;
            listed[i] = q[ids[i]];
            q[ids[i]] = 0;
            loss += divergence.value(p, logP, listed[i], ofStudent);
            own[i] = divergence.slope(p, logP, listed[i], ofStudent);
            total += own[i];
        }
        double others = sum(q, shared);
        double restSlope = 0;
        if (others > 0) {
            double rest = teacher.rest();
            loss += divergence.value(rest, Math.log(rest), others, Math.log(others));
            restSlope = divergence.slope(rest, Math.log(rest), others, Math.log(others));
            total += restSlope;
        }
        double scale = weight * temperature;
        for (int i = 0; i < ids.length; i++) {
            slopes[ids[i]] += (float) (scale * (own[i] - listed[i] * total));
        }
        // the rest's slope is divided among its tokens by their shares
        if (others > 0) {
            add((float) (scale * (restSlope / others - total)), shared);
        }
        return temperature * temperature * loss;
    }

    private void add(float factor, int count) {
        for (int i = 0; i < count; i++) {
            slopes[i] += factor * q[i];
        }
    }

    /// Four sums at a time: one alone would wait for itself.
    static double sum(float[] values, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < count; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }

    /// Puts the derivatives in the place of the logits.
    public void finish() {
        System.arraycopy(slopes, 0, logits, 0, slopes.length);
    }
}
