package dev.tailor.train.internal.batch;

/// A token sequence and which of its tokens are learnt. The first token is only ever read: nothing
/// stands before it from which it could be predicted.
///
/// @param wanted whether what is learnt is a good example; without meaning but for single answers
public record Sequence(int[] tokens, boolean[] trained, boolean wanted) {
    public Sequence {
        if (tokens.length != trained.length) {
            throw new IllegalArgumentException(
                    tokens.length + " tokens, " + trained.length + " marks");
        }
    }

    /// A good example.
    public Sequence(int[] tokens, boolean[] trained) {
        this(tokens, trained, true);
    }

    /// A sequence that is learnt from its second token on.
    public static Sequence whole(int[] tokens) {
        boolean[] trained = new boolean[tokens.length];
        java.util.Arrays.fill(trained, true);
        return new Sequence(tokens, trained);
    }

    /// Tokens that are predicted and learnt.
    public int trainedTokens() {
        int count = 0;
        for (int i = 1; i < trained.length; i++) {
            count += trained[i] ? 1 : 0;
        }
        return count;
    }

    /// The sequence up to its last learnt token: what follows has no influence on the loss.
    public Sequence withoutTail() {
        int end = trained.length;
        while (end > 0 && !trained[end - 1]) {
            end--;
        }
        return end == trained.length ? this : first(end);
    }

    /// The first `length` tokens.
    public Sequence first(int length) {
        return new Sequence(
                java.util.Arrays.copyOf(tokens, length),
                java.util.Arrays.copyOf(trained, length),
                wanted);
    }

    /// The same as a good or a bad example.
    public Sequence as(boolean isWanted) {
        return new Sequence(tokens, trained, isWanted);
    }

    /// The number of tokens before the first that is learnt.
    public int context() {
        int at = 0;
        while (at < trained.length && !trained[at]) {
            at++;
        }
        return at;
    }
}
