package dev.tailor.workflow.model;

/// Tokens to score, of which the first `context` only stand before and are not scored themselves.
/// The very first token never is: nothing comes before it.
public record TokenSequence(int[] tokens, int context) {
    /// Checks that the context lies within the tokens.
    public TokenSequence {
        if (context < 0 || context > tokens.length) {
            throw new IllegalArgumentException(
                    context + " context tokens of " + tokens.length + " tokens");
        }
    }

    /// The index of the first token that is scored.
    public int firstScored() {
        return Math.max(1, context);
    }

    /// The number of tokens that are scored.
    public int scored() {
        return Math.max(0, tokens.length - firstScored());
    }
}
