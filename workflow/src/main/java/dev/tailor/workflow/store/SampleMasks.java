package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.train.LossMask;

import java.util.List;
import java.util.Optional;

/// The first samples of a training stage, token by token, for the report: `state/ID.masks.json`.
///
/// @param samples in the order of the data
public record SampleMasks(List<Sample> samples) {
    /// Tokens that are kept of the beginning of a long sequence, and as many of its end.
    private static final int KEPT = 300;

    /// A sample.
    ///
    /// @param origin where it stands
    /// @param truncated whether its end was cut off
    /// @param dropped why nothing is learnt from it
    /// @param sequences one as a rule, or a chosen and a rejected answer
    public record Sample(
            String origin, boolean truncated, Optional<String> dropped, List<Sequence> sequences) {}

    /// A sequence.
    ///
    /// @param learnt how many of its tokens are learnt
    /// @param beginning its first tokens, all of them where it is not long
    /// @param skipped tokens that are not kept
    /// @param end its last tokens
    public record Sequence(
            int learnt, List<LossMask.Token> beginning, int skipped, List<LossMask.Token> end) {
        /// The number of tokens.
        public int length() {
            return beginning.size() + skipped + end.size();
        }
    }

    /// As much of the masks as the report shows.
    public static SampleMasks of(List<LossMask> masks) {
        return new SampleMasks(
                masks.stream()
                        .map(mask ->
                                new Sample(
                                        mask.origin(),
                                        mask.truncated(),
                                        mask.dropped(),
                                        mask.sequences().stream()
                                                .map(SampleMasks::sequence)
                                                .toList()))
                        .toList());
    }

    private static Sequence sequence(List<LossMask.Token> tokens) {
        int learnt = (int) tokens.stream().filter(LossMask.Token::learnt).count();
        int skipped = tokens.size() - 2 * KEPT;
        return skipped <= 0
                ? new Sequence(learnt, tokens, 0, List.of())
                : new Sequence(
                        learnt,
                        tokens.subList(0, KEPT),
                        skipped,
                        tokens.subList(KEPT + skipped, tokens.size()));
    }

    /// Reads those of a stage, if it has any.
    public static Optional<SampleMasks> read(RunDirectory directory, String stage) {
        return Store.read(directory.masks(stage), SampleMasks.class);
    }

    /// Writes those of a stage.
    public void write(RunDirectory directory, String stage) {
        AtomicWrite.text(directory.masks(stage), Store.json(this));
    }
}
