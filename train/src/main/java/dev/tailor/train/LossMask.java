package dev.tailor.train;

import dev.tailor.data.DataSet;
import dev.tailor.train.internal.batch.MaskReader;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a stage makes of a sample: its tokens, which of them are learnt, and how much each counts.
///
/// @param origin where the sample stands
/// @param sequences a sequence each: one as a rule, pieces of a long document, or a chosen and a
///   rejected answer
/// @param truncated whether the end was cut off
/// @param dropped why nothing is learnt from the sample
public record LossMask(
        String origin, List<List<Token>> sequences, boolean truncated, Optional<String> dropped) {
    public LossMask {
        sequences = sequences.stream().map(List::copyOf).toList();
    }

    /// A token.
    ///
    /// @param text what it adds to the text: nothing where a character is not complete yet
    /// @param weight how much its prediction counts in the loss: 1 as a rule, 0 where it is only
    ///   read
    public record Token(int id, String text, float weight) {
        /// Whether it is predicted and counts in the loss.
        public boolean learnt() {
            return weight > 0;
        }
    }

    /// Reads the first samples of a data set as a stage with this objective would.
    ///
    /// @param model a directory with tokenizer and, for conversations, a chat template
    /// @param sequenceLength positions of a row
    public static List<LossMask> of(
            Path model, DataSet data, Objective objective, int sequenceLength, int samples) {
        return MaskReader.read(model, data, objective, sequenceLength, samples);
    }
}
