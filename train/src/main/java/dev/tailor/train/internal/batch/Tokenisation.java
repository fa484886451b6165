package dev.tailor.train.internal.batch;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleReader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Writes the token file of a data set: reads on one thread, encodes on all, keeps the order. Texts
/// with questions and answers are gathered into chains.
///
/// @param seed draws the layouts of chains
record Tokenisation(
        SampleEncoder encoder, Seed seed, Set<Integer> stopIds, Cancellation cancellation) {
    /// Enough for all processors, little enough for memory.
    private static final int CHUNK = 512;

    void write(DataSet data, Path file) {
        TokenFile.write(
                file,
                sink -> {
                    Tally tally = new Tally(stopIds, encoder.learnsAnswersOnly());
                    ChainEncoder.Sink take =
                            (origin, encoded) -> {
                                tally.add(origin, encoded);
                                encoded.sequences().forEach(sink::add);
                            };
                    ChainEncoder chains = encoder.chains(seed, take);
                    try (SampleReader reader = data.reader()) {
                        for (List<Sample> chunk = next(reader);
                                !chunk.isEmpty();
                                chunk = next(reader)) {
                            cancellation.check();
                            List<Optional<Encoded>> encoded =
                                    chunk.parallelStream().map(this::unlessChained).toList();
                            for (int i = 0; i < chunk.size(); i++) {
                                Sample sample = chunk.get(i);
                                encoded.get(i).ifPresent(it -> take.add(sample.origin(), it));
                                if (sample instanceof Sample.Augmented augmented) {
                                    chains.add(augmented);
                                }
                            }
                        }
                    }
                    chains.finish();
                    TokenNote note = tally.note(chains.summary());
                    requireSomething(note);
                    return note.toJson();
                });
    }

    private Optional<Encoded> unlessChained(Sample sample) {
        return sample instanceof Sample.Augmented
                ? Optional.empty()
                : Optional.of(encoder.encode(sample));
    }

    private static List<Sample> next(SampleReader reader) {
        List<Sample> chunk = new ArrayList<>(CHUNK);
        while (chunk.size() < CHUNK) {
            Sample sample = reader.next();
            if (sample == null) {
                break;
            }
            chunk.add(sample);
        }
        return chunk;
    }

    private static void requireSomething(TokenNote note) {
        if (note.samples() == 0) {
            String first =
                    note.issues().isEmpty()
                            ? "there are no samples"
                            : note.issues().getFirst().reason();
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            note.omissions().isEmpty()
                                    ? "there is nothing to learn from"
                                    : "nothing is left to learn from: "
                                            + String.join("; ", note.omissions()))
                    .at(note.issues().isEmpty() ? "data" : note.issues().getFirst().origin())
                    .remedy("the first reason was: " + first);
        }
    }
}
