package dev.tailor.train.internal.batch;

import java.util.Arrays;

/// A token sequence and how much each of its tokens counts in the loss. The first token is only
/// ever read: nothing stands before it from which it could be predicted.
///
/// @param weights 0 where a token is not learnt
/// @param wanted whether what is learnt is a good example; without meaning but for single answers
public record Sequence(int[] tokens, float[] weights, boolean wanted) {
    public Sequence {
        if (tokens.length != weights.length) {
            throw new IllegalArgumentException(
                    tokens.length + " tokens, " + weights.length + " weights");
        }
    }

    /// A good example.
    public Sequence(int[] tokens, float[] weights) {
        this(tokens, weights, true);
    }

    /// A good example whose learnt tokens all count alike.
    public Sequence(int[] tokens, boolean[] trained) {
        this(tokens, trained, true);
    }

    /// A sequence whose learnt tokens all count alike.
    public Sequence(int[] tokens, boolean[] trained, boolean wanted) {
        this(tokens, even(trained), wanted);
    }

    /// A sequence that is learnt from its second token on.
    public static Sequence whole(int[] tokens) {
        float[] weights = new float[tokens.length];
        Arrays.fill(weights, 1);
        return new Sequence(tokens, weights);
    }

    private static float[] even(boolean[] trained) {
        float[] weights = new float[trained.length];
        for (int i = 0; i < trained.length; i++) {
            weights[i] = trained[i] ? 1 : 0;
        }
        return weights;
    }

    /// Whether a token is learnt.
    public boolean isTrained(int token) {
        return weights[token] > 0;
    }

    /// Whether all learnt tokens have the weight 1.
    public boolean isEven() {
        for (float weight : weights) {
            if (weight != 0 && weight != 1) {
                return false;
            }
        }
        return true;
    }

    /// Tokens that are predicted and learnt.
    public int trainedTokens() {
        int count = 0;
        for (int i = 1; i < weights.length; i++) {
            count += isTrained(i) ? 1 : 0;
        }
        return count;
    }

    /// The sequence up to its last learnt token: what follows has no influence on the loss.
    public Sequence withoutTail() {
        int end = weights.length;
        while (end > 0 && !isTrained(end - 1)) {
            end--;
        }
        return end == weights.length ? this : first(end);
    }

    /// The first `length` tokens.
    public Sequence first(int length) {
        return part(0, length);
    }

    /// The tokens `[from, to)`.
    Sequence part(int from, int to) {
        return new Sequence(
                Arrays.copyOfRange(tokens, from, to),
                Arrays.copyOfRange(weights, from, to),
                wanted);
    }

    /// The same as a good or a bad example.
    public Sequence as(boolean isWanted) {
        return new Sequence(tokens, weights, isWanted);
    }

    /// The number of tokens before the first that is learnt.
    public int context() {
        int at = 0;
        while (at < weights.length && !isTrained(at)) {
            at++;
        }
        return at;
    }
}
