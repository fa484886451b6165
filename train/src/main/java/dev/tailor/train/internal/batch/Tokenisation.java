package dev.tailor.train.internal.batch;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleReader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Writes the token file of a data set: reads on one thread, encodes on all, keeps the order.
record Tokenisation(SampleEncoder encoder, Set<Integer> stopIds, Cancellation cancellation) {
    /// Enough for all processors, little enough for memory.
    private static final int CHUNK = 512;

    void write(DataSet data, Path file) {
        TokenFile.write(
                file,
                sink -> {
                    Tally tally = new Tally(stopIds, encoder.learnsAnswersOnly());
                    try (SampleReader reader = data.reader()) {
                        for (List<Sample> chunk = next(reader);
                                !chunk.isEmpty();
                                chunk = next(reader)) {
                            cancellation.check();
                            List<Encoded> encoded =
                                    chunk.parallelStream().map(encoder::encode).toList();
                            for (int i = 0; i < chunk.size(); i++) {
                                tally.add(chunk.get(i).origin(), encoded.get(i));
                                encoded.get(i).sequences().forEach(sink::add);
                            }
                        }
                    }
                    TokenNote note = tally.note();
                    requireSomething(note);
                    return note.toJson();
                });
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
