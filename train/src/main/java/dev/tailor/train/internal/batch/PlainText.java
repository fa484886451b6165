package dev.tailor.train.internal.batch;

import dev.tailor.text.Tokenizer;

import java.util.Arrays;
import java.util.OptionalInt;

/// Text without a chat template as token sequences. Nothing in the text becomes a special token;
/// the beginning token is set where the tokenizer sets one, the end token wherever there is one, so
/// that the model learns to stop.
record PlainText(Tokenizer tokenizer) {
    /// A document, learnt as a whole.
    Sequence document(String text) {
        return Sequence.whole(framed(tokenizer.encodeOrdinary(text)));
    }

    /// A completion that is learnt after a prompt that is only read.
    Sequence completion(String prompt, String completion) {
        int[] before = tokenizer.encodeOrdinary(prompt);
        int[] tokens = framed(joined(before, prompt, completion));
        boolean[] trained = new boolean[tokens.length];
        int context = before.length + (tokenizer.addsBos() ? 1 : 0);
        Arrays.fill(trained, context, tokens.length, true);
        return new Sequence(tokens, trained);
    }

    /// Prompt and completion with a token boundary between them: a prompt is encoded alone when the
    /// model is used, and a token that reaches across would never be seen there. Encoded together
    /// where that gives the same, because some tokenizers treat the beginning of a text specially.
    private int[] joined(int[] before, String prompt, String completion) {
        int[] together = tokenizer.encodeOrdinary(prompt + completion);
        boolean boundary =
                together.length >= before.length
                        && Arrays.equals(before, 0, before.length, together, 0, before.length);
        if (boundary) {
            return together;
        }
        int[] after = tokenizer.encodeOrdinary(completion);
        int[] both = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, both, before.length, after.length);
        return both;
    }

    private int[] framed(int[] tokens) {
        OptionalInt bos = tokenizer.addsBos() ? tokenizer.bosId() : OptionalInt.empty();
        OptionalInt eos = tokenizer.eosId();
        int start = bos.isPresent() ? 1 : 0;
        int[] framed = new int[start + tokens.length + (eos.isPresent() ? 1 : 0)];
        bos.ifPresent(id -> framed[0] = id);
        System.arraycopy(tokens, 0, framed, start, tokens.length);
        eos.ifPresent(id -> framed[framed.length - 1] = id);
        return framed;
    }
}
