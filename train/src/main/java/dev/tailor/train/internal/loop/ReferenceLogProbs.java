package dev.tailor.train.internal.loop;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.MicroBatch.SegmentSum;
import dev.tailor.train.internal.batch.TokenWeights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The sum of log-probabilities of every sequence under the reference, which is the model as it
/// stands before the first step. Computed once and kept on disk: no second model stays in memory.
final class ReferenceLogProbs {
    private final double[] sums;

    private ReferenceLogProbs(double[] sums) {
        this.sums = sums;
    }

    /// The weighted sum over the scored tokens of a sequence.
    double ofSequence(int sequence) {
        return sums[sequence];
    }

    /// Known sums, one for every sequence.
    static ReferenceLogProbs of(double[] sums) {
        return new ReferenceLogProbs(sums.clone());
    }

    /// What a reference that finds everything equally likely says.
    static ReferenceLogProbs none(int sequences) {
        return new ReferenceLogProbs(new double[sequences]);
    }

    /// Runs every sequence through the model.
    static ReferenceLogProbs compute(
            int sequences,
            Iterable<MicroBatch> passes,
            TokenWeights weights,
            LogProbs logProbs,
            Cancellation cancellation) {
        double[] sums = new double[sequences];
        for (MicroBatch batch : passes) {
            cancellation.check();
            SegmentSum[] segments = batch.sumsPerSegment(logProbs.of(batch.batch()), weights);
            for (int s = 0; s < segments.length; s++) {
                sums[batch.sequences()[s]] = segments[s].sum();
            }
        }
        return new ReferenceLogProbs(sums);
    }

    /// What [#save] wrote, if it is there and complete.
    static Optional<ReferenceLogProbs> load(Path file, int sequences) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length != sequences * Double.BYTES) {
                return Optional.empty();
            }
            double[] sums = new double[sequences];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(sums);
            return Optional.of(new ReferenceLogProbs(sums));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Writes one little-endian double per sequence.
    void save(Path file) {
        ByteBuffer bytes =
                ByteBuffer.allocate(sums.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(sums);
        AtomicWrite.file(file, path -> Files.write(path, bytes.array()));
    }
}
