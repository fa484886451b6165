package dev.tailor.workflow.model;

import dev.tailor.text.Tokenizer;

import java.util.Arrays;
import java.util.OptionalInt;

/// Turns contexts and continuations into tokens the way lm-evaluation-harness does.
public final class Encoding {
    private final Tokenizer tokenizer;

    /// Encodes with this tokenizer.
    public Encoding(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// The tokens of a context followed by a continuation. Spaces at the end of the context belong
    /// to the continuation. The two are tokenised together; where a token spans the join, the
    /// continuation is tokenised alone. An empty context is the beginning-of-text token.
    public TokenSequence continuation(String context, String continuation) {
        String bare = context.substring(0, endWithoutSpace(context));
        String rest = context.substring(bare.length()) + continuation;
        if (bare.isEmpty()) {
            int[] before = prefix();
            return new TokenSequence(concat(before, tokenizer.encode(rest, false)), before.length);
        }
        boolean begins = !startsWithBos(bare);
        int[] before = tokenizer.encode(bare, begins);
        int[] whole = tokenizer.encode(bare + rest, begins);
        boolean joins =
                whole.length > before.length
                        && Arrays.equals(whole, 0, before.length, before, 0, before.length);
        return joins
                ? new TokenSequence(whole, before.length)
                : new TokenSequence(concat(before, tokenizer.encode(rest, false)), before.length);
    }

    /// What stands before the first token of a text: the beginning-of-text token, else the
    /// end-of-text token, else nothing.
    public int[] prefix() {
        OptionalInt token = tokenizer.bosId().isPresent() ? tokenizer.bosId() : tokenizer.eosId();
        return token.isPresent() ? new int[] {token.getAsInt()} : new int[0];
    }

    /// Whether a text begins with the spelling of the beginning-of-text token, as chat templates
    /// write it: the tokenizer then must not add it again.
    private boolean startsWithBos(String text) {
        return tokenizer
                .bosToken()
                .filter(bos -> !bos.isEmpty() && text.startsWith(bos))
                .isPresent();
    }

    /// Where Python's `rstrip` ends a text.
    private static int endWithoutSpace(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    /// The tokens of a plain prompt: as the tokenizer begins a text, at least one.
    public int[] prompt(String text) {
        int[] tokens = tokenizer.encode(text, !startsWithBos(text));
        return tokens.length > 0 ? tokens : prefix();
    }

    static int[] concat(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
