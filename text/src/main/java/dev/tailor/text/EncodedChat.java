package dev.tailor.text;

/// A conversation as token ids, with what is learnt from it.
///
/// @param tokens the ids
/// @param trained whether the prediction of token i counts in the loss; never for the first one,
///   which nothing precedes
/// @param starts where token i begins in the text, in UTF-16 units
/// @param ends where token i ends in the text, exclusive
/// @param text the rendered conversation
public record EncodedChat(int[] tokens, boolean[] trained, int[] starts, int[] ends, String text) {
    /// How many tokens there are.
    public int length() {
        return tokens.length;
    }

    /// How many tokens count in the loss.
    public int trainedTokens() {
        int count = 0;
        for (boolean one : trained) {
            count += one ? 1 : 0;
        }
        return count;
    }
}
