package dev.tailor.text;

import java.util.Arrays;

/// Turns tokens into text as they come, for streaming. Characters whose bytes are spread over
/// several tokens are held back until they are complete; the pieces joined are the text of all the
/// tokens. Not safe for use by several threads.
public final class IncrementalDecoder {
    // A character has at most four bytes; what is undecided for longer is not UTF-8 and never will
    // be.
    private static final int MAX_HELD_TOKENS = 8;
    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private int[] tokens = new int[16];
    private int count;
    // tokens[context..emitted) are emitted already and decoded again with the new ones, since the
    // first token of a text may lose its leading space.
    private int context;
    private int emitted;

    IncrementalDecoder(Tokenizer tokenizer, boolean skipSpecial) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /// The text that this token completes, possibly none.
    public String add(int token) {
        if (count == tokens.length) {
            forgetEmitted();
        }
        tokens[count++] = token;
        String text = pending();
        boolean incomplete = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
        if (text.isEmpty() || (incomplete && count - emitted < MAX_HELD_TOKENS)) {
            return "";
        }
        context = emitted;
        emitted = count;
        return text;
    }

    /// What is still held back, when no more tokens come.
    public String finish() {
        String text = pending();
        context = emitted;
        emitted = count;
        return text;
    }

    private String pending() {
        String before = tokenizer.decode(Arrays.copyOfRange(tokens, context, emitted), skipSpecial);
        String all = tokenizer.decode(Arrays.copyOfRange(tokens, context, count), skipSpecial);
        return all.length() > before.length() ? all.substring(before.length()) : "";
    }

    private void forgetEmitted() {
        int kept = count - context;
        int[] room = kept > tokens.length / 2 ? new int[tokens.length * 2] : tokens;
        System.arraycopy(tokens, context, room, 0, kept);
        tokens = room;
        emitted -= context;
        count = kept;
        context = 0;
    }
}
