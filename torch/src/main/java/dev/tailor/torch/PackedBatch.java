package dev.tailor.torch;

import java.util.Arrays;
import java.util.List;

/// A batch without padding: sequences laid end to end. Attention never crosses a segment and
/// positions restart at each one.
///
/// `tokens` and `targets` have one entry per position; `targets[i]` is the token to be predicted
/// *at* position i (already shifted), [#IGNORED] where nothing is scored. `segmentLengths` add up
/// to the number of positions. The arrays are not copied: do not change them while the batch is in
/// use.
public record PackedBatch(int[] tokens, int[] segmentLengths, int[] targets) {
    /// The target of a position that is not scored.
    public static final int IGNORED = -1;

    /// Checks that the three arrays belong together.
    public PackedBatch {
        if (tokens.length != targets.length) {
            throw new IllegalArgumentException(
                    tokens.length + " tokens but " + targets.length + " targets");
        }
        int sum = Arrays.stream(segmentLengths).sum();
        if (sum != tokens.length || Arrays.stream(segmentLengths).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "segments of " + sum + " positions do not cover " + tokens.length + " tokens");
        }
    }

    /// Whole sequences, each position predicting the next token of its own sequence; the last
    /// position of a sequence is not scored. Empty sequences are not allowed.
    public static PackedBatch nextToken(List<int[]> sequences) {
        int length = sequences.stream().mapToInt(s -> s.length).sum();
        int[] tokens = new int[length];
        int[] targets = new int[length];
        int start = 0;
        for (int[] sequence : sequences) {
            System.arraycopy(sequence, 0, tokens, start, sequence.length);
            for (int i = 0; i < sequence.length; i++) {
                targets[start + i] = i + 1 < sequence.length ? sequence[i + 1] : IGNORED;
            }
            start += sequence.length;
        }
        return new PackedBatch(
                tokens, sequences.stream().mapToInt(s -> s.length).toArray(), targets);
    }

    /// The number of positions.
    public int size() {
        return tokens.length;
    }

    /// The number of positions that are scored.
    public int scored() {
        int count = 0;
        for (int target : targets) {
            if (target >= 0) {
                count++;
            }
        }
        return count;
    }
}
