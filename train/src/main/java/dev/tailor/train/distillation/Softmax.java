package dev.tailor.train.distillation;

/// The logarithm of the softmax.
final class Softmax {
    private Softmax() {}

    /// `logits / temperature - log sum exp(logits / temperature)`.
    static double[] logProbs(float[] logits, double temperature) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit / temperature);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature - largest);
        }
        double norm = largest + Math.log(sum);
        double[] logProbs = new double[logits.length];
        for (int i = 0; i < logProbs.length; i++) {
            logProbs[i] = logits[i] / temperature - norm;
        }
        return logProbs;
    }
}
