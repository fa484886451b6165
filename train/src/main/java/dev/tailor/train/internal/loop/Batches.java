package dev.tailor.train.internal.loop;

import dev.tailor.train.internal.batch.BatchPlan;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Mismatched;
import dev.tailor.train.internal.batch.TokenFile;

import java.util.List;

/// A data set ready to be learnt from or measured on.
public record Batches(TokenFile tokens, BatchPlan plan) {
    /// The forward passes of a step.
    List<MicroBatch> ofStep(long step) {
        return plan.passes(step).stream().map(this::batch).toList();
    }

    /// Everything once, in its own order; a batch is made when it is asked for.
    Iterable<MicroBatch> inOrder() {
        return () -> plan.inOrder().stream().map(this::batch).iterator();
    }

    /// The same of every sequence's mismatched twin.
    Iterable<MicroBatch> inOrder(Mismatched mismatched) {
        return () -> plan.inOrder().stream().map(mismatched::batch).iterator();
    }

    private MicroBatch batch(int[] sequences) {
        return MicroBatch.of(tokens, sequences);
    }
}
