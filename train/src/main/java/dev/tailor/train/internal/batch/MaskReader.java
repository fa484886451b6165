package dev.tailor.train.internal.batch;

import dev.tailor.data.DataSet;
import dev.tailor.data.Sample;
import dev.tailor.data.SampleReader;
import dev.tailor.text.IncrementalDecoder;
import dev.tailor.text.Tokenizer;
import dev.tailor.train.LossMask;
import dev.tailor.train.Objective;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Encodes samples to be looked at, the way [Tokenisation] encodes them to be learnt.
public final class MaskReader {
    private MaskReader() {}

    /// The first samples of a data set.
    public static List<LossMask> read(
            Path model, DataSet data, Objective objective, int positions, int samples) {
        List<LossMask> masks = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.load(model);
                SampleReader reader = data.reader()) {
            SampleEncoder encoder = SampleEncoder.of(model, tokenizer, objective, positions);
            while (masks.size() < samples) {
                Sample sample = reader.next();
                if (sample == null) {
                    break;
                }
                Encoded encoded = encoder.encode(sample);
                masks.add(
                        new LossMask(
                                sample.origin().toString(),
                                encoded.sequences().stream()
                                        .map(each -> tokens(each, tokenizer))
                                        .toList(),
                                encoded.truncated(),
                                encoded.dropped()));
            }
        }
        return masks;
    }

    private static List<LossMask.Token> tokens(Sequence sequence, Tokenizer tokenizer) {
        List<LossMask.Token> tokens = new ArrayList<>();
        IncrementalDecoder decoder = tokenizer.incrementalDecoder(false);
        int last = sequence.tokens().length - 1;
        for (int i = 0; i <= last; i++) {
            int id = sequence.tokens()[i];
            String text = decoder.add(id);
            // The first token is only ever read.
            float weight = i > 0 ? sequence.weights()[i] : 0;
            tokens.add(new LossMask.Token(id, i < last ? text : text + decoder.finish(), weight));
        }
        return tokens;
    }
}
