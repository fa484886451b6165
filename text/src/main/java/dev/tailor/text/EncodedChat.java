package dev.tailor.text;

/// A conversation as token ids, with what is learnt from it.
///
/// @param tokens the ids
/// @param weights how much the prediction of token i counts in the loss, 0 where it does not; never
///   for the first one, which nothing precedes. 1 where the data says nothing else
/// @param starts where token i begins in the text, in UTF-16 units
/// @param ends where token i ends in the text, exclusive
/// @param text the rendered conversation
public record EncodedChat(int[] tokens, float[] weights, int[] starts, int[] ends, String text) {
    /// How many tokens there are.
    public int length() {
        return tokens.length;
    }

    /// Whether the prediction of a token counts in the loss.
    public boolean isTrained(int token) {
        return weights[token] > 0;
    }

    /// How many tokens count in the loss.
    public int trainedTokens() {
        int count = 0;
        for (int i = 0; i < weights.length; i++) {
            count += isTrained(i) ? 1 : 0;
        }
        return count;
    }
}
