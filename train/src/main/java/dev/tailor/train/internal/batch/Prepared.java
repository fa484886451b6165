package dev.tailor.train.internal.batch;

import dev.tailor.train.DataSummary;

import java.util.ArrayList;
import java.util.List;

/// A data set ready for training.
///
/// @param key identifies the token file's content
public record Prepared(TokenFile tokens, BatchPlan plan, TokenNote note, String key)
        implements AutoCloseable {
    /// What became of the data.
    public DataSummary summary() {
        long positions = 0;
        for (int i = 0; i < tokens.sequences(); i++) {
            positions += tokens.length(i) - 1;
        }
        return new DataSummary(
                note.samples(),
                plan.rows(),
                positions,
                note.trainedTokens(),
                note.truncated(),
                note.dropped(),
                note.chains(),
                note.issues());
    }

    /// What a careful eye would notice before the first step.
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>(note.omissions());
        if (note.truncated() > 0) {
            warnings.add(
                    "%d of %d samples are longer than the sequence length and lose their end"
                            .formatted(note.truncated(), note.samples()));
        }
        if (note.duplicates() > 0) {
            warnings.add(
                    "%d of %d samples are equal to another one"
                            .formatted(note.duplicates(), note.samples()));
        }
        if (note.chains().pairsLeftOut() > 0) {
            warnings.add(
                    "%d questions with their answers do not fit beside their text into the sequence"
                                    .formatted(note.chains().pairsLeftOut())
                            + " length and are left out");
        }
        if (note.stopping() == 0) {
            warnings.add(
                    "no sample teaches the model to stop: none of its end tokens is among what is"
                            + " learnt");
        }
        return warnings;
    }

    /// What is as it should be but good to know.
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (note.chains().any()) {
            notes.add(note.chains().toString());
        }
        if (note.withoutSpans() > 0) {
            notes.add(
                    "the chat template has no {% generation %} block: what the assistant wrote"
                            + " was found by comparing renderings, in %d of %d samples"
                                    .formatted(note.withoutSpans(), note.samples()));
        }
        return notes;
    }

    @Override
    public void close() {
        tokens.close();
    }
}
