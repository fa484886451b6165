package dev.tailor.train.internal.distil;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.MissingMass;
import dev.tailor.train.distillation.TopTokens;
import dev.tailor.train.internal.batch.MicroBatch;

import java.util.Optional;

/// A store of what a model has said.
public record StoredTeacher(LogitStore store, MissingMass missing) implements Teacher {
    @Override
    public int shared() {
        return store.header().vocabulary();
    }

    @Override
    public Lecture of(MicroBatch batch) {
        int[] targets = batch.batch().targets();
        int[] lengths = batch.batch().segmentLengths();
        TopTokens[] sequences = new TopTokens[lengths.length];
        int[] segments = new int[targets.length];
        int[] rows = new int[targets.length];
        int at = 0;
        for (int s = 0; s < lengths.length; s++) {
            int sequence = batch.sequences()[s];
            sequences[s] = store.sequence(sequence);
            int row = 0;
            for (int end = at + lengths[s]; at < end; at++) {
                segments[at] = s;
                rows[at] = row;
                row += targets[at] >= 0 ? 1 : 0;
            }
            if (row != sequences[s].positions()) {
                throw TailorException.of(
                        ErrorCode.FILE_CORRUPT,
                        "the store has %d positions of sequence %d, the data %d"
                                .formatted(sequences[s].positions(), sequence, row));
            }
        }
        double temperature = store.header().temperature();
        return new Lecture(
                Optional.empty(),
                position -> sequences[segments[position]].at(rows[position], missing, temperature));
    }
}
