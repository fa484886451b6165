package dev.tailor.train.internal.batch;

import dev.tailor.torch.PackedBatch;

import java.util.Arrays;
import java.util.List;

/// What one forward pass takes: sequences laid end to end, each learning by itself.
///
/// @param sequences the sequences by their index in the token file, in the order of the segments
/// @param weights how much the target of each position counts in the loss; of no meaning where
///   there is none, and nothing at all where each counts 1
public record MicroBatch(PackedBatch batch, int[] sequences, float[] weights) {
    private static final float[] EVEN = {};

    /// A batch whose targets all count 1.
    public MicroBatch(PackedBatch batch, int[] sequences) {
        this(batch, sequences, EVEN);
    }

    /// Lays sequences of a token file end to end. The last token of a sequence is a target only:
    /// reading it would predict nothing.
    public static MicroBatch of(TokenFile file, int[] sequences) {
        return of(Arrays.stream(sequences).mapToObj(file::sequence).toList(), sequences);
    }

    /// The batch of these sequences, which have these numbers.
    public static MicroBatch of(List<Sequence> sequences, int[] numbers) {
        boolean even = sequences.stream().allMatch(Sequence::isEven);
        return new MicroBatch(pack(sequences), numbers, even ? EVEN : weights(sequences));
    }

    private static float[] weights(List<Sequence> sequences) {
        float[] weights = new float[sequences.stream().mapToInt(s -> s.tokens().length - 1).sum()];
        int at = 0;
        for (Sequence sequence : sequences) {
            int length = sequence.tokens().length - 1;
            System.arraycopy(sequence.weights(), 1, weights, at, length);
            at += length;
        }
        return weights;
    }

    /// How much the target of a position counts.
    public float weight(int position) {
        return weights.length == 0 ? 1 : weights[position];
    }

    /// The weights of all targets together: their number, where each counts 1.
    public double totalWeight() {
        if (weights.length == 0) {
            return batch.scored();
        }
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += batch.targets()[i] >= 0 ? weights[i] : 0;
        }
        return sum;
    }

    /// The batch of these sequences, each of at least two tokens.
    public static PackedBatch pack(List<Sequence> sequences) {
        int positions = sequences.stream().mapToInt(s -> s.tokens().length - 1).sum();
        int[] tokens = new int[positions];
        int[] targets = new int[positions];
        int[] lengths = new int[sequences.size()];
        int at = 0;
        for (int s = 0; s < lengths.length; s++) {
            Sequence sequence = sequences.get(s);
            lengths[s] = sequence.tokens().length - 1;
            System.arraycopy(sequence.tokens(), 0, tokens, at, lengths[s]);
            for (int i = 1; i <= lengths[s]; i++) {
                targets[at++] = sequence.isTrained(i) ? sequence.tokens()[i] : PackedBatch.IGNORED;
            }
        }
        return new PackedBatch(tokens, lengths, targets);
    }

    /// The same batch with the contexts of segments 0, 2, 4, ... scored too, which in a batch of
    /// pairs are those of the chosen answers. Nothing predicts the first token of a segment.
    public PackedBatch withChosenContexts() {
        int[] targets = batch.targets().clone();
        int at = 0;
        for (int s = 0; s < batch.segmentLengths().length; s++) {
            int end = at + batch.segmentLengths()[s];
            if (s % 2 == 0) {
                // what a position predicts is what the next one reads
                System.arraycopy(batch.tokens(), at + 1, targets, at, end - at - 1);
            }
            at = end;
        }
        return new PackedBatch(batch.tokens(), batch.segmentLengths(), targets);
    }

    /// The sum of `values` over the scored positions of each segment, and how many those are.
    public SegmentSum[] sumsPerSegment(float[] values) {
        return sumsPerSegment(values, TokenWeights.even());
    }

    /// The same with each value times the weight of its token.
    public SegmentSum[] sumsPerSegment(float[] values, TokenWeights weights) {
        float[] weight = weights.of(this);
        SegmentSum[] sums = new SegmentSum[sequences.length];
        int at = 0;
        for (int s = 0; s < sums.length; s++) {
            double sum = 0;
            int count = 0;
            for (int end = at + batch.segmentLengths()[s]; at < end; at++) {
                if (batch.targets()[at] >= 0) {
                    sum += weight[at] * (double) values[at];
                    count++;
                }
            }
            sums[s] = new SegmentSum(sum, count);
        }
        return sums;
    }

    /// A sum over the `count` scored positions of a segment.
    public record SegmentSum(double sum, int count) {}
}
