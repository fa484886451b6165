package dev.tailor.train.internal.distil;

import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.TopTokens;

/// How much of a teacher's probability its listed tokens hold.
public final class Coverage {
    /// So many sequences are looked at, spread over the store.
    private static final int SEQUENCES = 64;

    private Coverage() {}

    /// The mean over positions, at temperature 1; 1 for a store of nothing.
    public static double of(LogitStore store) {
        int all = store.header().sequences();
        int looked = Math.min(all, SEQUENCES);
        double sum = 0;
        long positions = 0;
        for (int i = 0; i < looked; i++) {
            TopTokens rows = store.sequence((int) ((long) all * i / looked));
            for (float logProb : rows.logProbs()) {
                sum += Math.exp(logProb);
            }
            positions += rows.positions();
        }
        return positions == 0 ? 1 : sum / positions;
    }
}
