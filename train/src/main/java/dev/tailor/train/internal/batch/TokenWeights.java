package dev.tailor.train.internal.batch;

/// How much each token of an answer counts in the answer's log-probability: its weight in the data,
/// times `tail` where it lies beyond the shorter answer of its pair.
///
/// @param tail the factor, in [0, 1], of the scored tokens of an answer beyond the number that the
///   shorter answer of its pair has (LD-DPO, arXiv 2409.06411)
public record TokenWeights(double tail) {
    /// Every token counts as its data says.
    public static TokenWeights even() {
        return new TokenWeights(1);
    }

    /// The weight of every position of a batch; of no meaning where nothing is scored. Unless the
    /// tail counts fully, segments `2 i` and `2 i + 1` are the answers of a pair.
    public float[] of(MicroBatch batch) {
        int[] targets = batch.batch().targets();
        int[] lengths = batch.batch().segmentLengths();
        float[] weights = new float[targets.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = batch.weight(i);
        }
        if (tail == 1) {
            return weights;
        }
        int at = 0;
        for (int s = 0; s < lengths.length; s += 2) {
            int middle = at + lengths[s];
            int end = middle + lengths[s + 1];
            int shared = Math.min(scored(targets, at, middle), scored(targets, middle, end));
            lighten(weights, targets, at, middle, shared);
            lighten(weights, targets, middle, end, shared);
            at = end;
        }
        return weights;
    }

    private static int scored(int[] targets, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += targets[i] >= 0 ? 1 : 0;
        }
        return count;
    }

    private void lighten(float[] weights, int[] targets, int from, int to, int shared) {
        int seen = 0;
        for (int i = from; i < to; i++) {
            if (targets[i] >= 0 && ++seen > shared) {
                weights[i] *= (float) tail;
            }
        }
    }
}
