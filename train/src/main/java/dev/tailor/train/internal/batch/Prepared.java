package dev.tailor.train.internal.batch;

import dev.tailor.train.DataSummary;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
                note.mask(),
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
        if (note.mask().wholeSamples() > 0) {
            warnings.add(
                    "%d of %d samples are learnt as a whole, what was asked included"
                            .formatted(note.mask().wholeSamples(), note.samples()));
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

    /// What to know of sequences that are longer than the model was made for.
    ///
    /// @param most positions that its configuration names
    public Optional<String> beyond(int most) {
        int longer = 0;
        for (int i = 0; i < tokens.sequences(); i++) {
            longer += tokens.length(i) - 1 > most ? 1 : 0;
        }
        return longer == 0
                ? Optional.empty()
                : Optional.of(
                        "%d of %d sequences are longer than the %d positions that the model was made"
                                        .formatted(longer, tokens.sequences(), most)
                                + " for (max_position_embeddings): set 'sequence-length' to "
                                + most
                                + ", unless it is to learn longer ones");
    }

    /// What is as it should be but good to know.
    public List<String> notes() {
        List<String> notes = new ArrayList<>(maskNotes());
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

    /// What share is learnt, unless it is everything, and with which weights, unless all are 1.
    public List<String> maskNotes() {
        List<String> notes = new ArrayList<>();
        if (note.mask().learnt() < note.mask().predicted()) {
            notes.add(note.mask().share());
        }
        if (note.mask().countsUnevenly()) {
            notes.add(note.mask().weighing());
        }
        return notes;
    }

    @Override
    public void close() {
        tokens.close();
    }
}
