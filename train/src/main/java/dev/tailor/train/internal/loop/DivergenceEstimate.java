package dev.tailor.train.internal.loop;

import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.MicroBatch.SegmentSum;
import dev.tailor.train.internal.batch.Mismatched;

/// How far the policy stands from the reference.
@FunctionalInterface
interface DivergenceEstimate {
    /// Over the answers of these passes; at least 0.
    double over(Iterable<MicroBatch> passes);

    /// None: for losses that do not ask.
    static DivergenceEstimate none() {
        return passes -> 0;
    }

    /// KTO's (arXiv 2402.01306 §4.1): the mean log-ratio of answers to other prompts, 0 where that
    /// is negative. Estimated without dropout.
    static DivergenceEstimate of(
            Mismatched mismatched, ReferenceLogProbs reference, LogProbs policy) {
        return passes -> {
            double sum = 0;
            long answers = 0;
            for (MicroBatch pass : passes) {
                MicroBatch twins = mismatched.batch(pass.sequences());
                SegmentSum[] sums = twins.sumsPerSegment(policy.of(twins.batch()));
                for (int s = 0; s < sums.length; s++) {
                    sum += sums[s].sum() - reference.ofSequence(twins.sequences()[s]);
                }
                answers += sums.length;
            }
            return Math.max(0, sum / answers);
        };
    }
}
