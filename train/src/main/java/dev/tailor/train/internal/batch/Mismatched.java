package dev.tailor.train.internal.batch;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.Arrays;

/// Every prompt with an answer to another one. On such pairs, which nobody wrote, the divergence of
/// the policy from the reference is estimated (KTO, arXiv 2402.01306 §4.1).
///
/// @param partners the sequence whose answer joins the prompt of each sequence
/// @param positions positions a sequence has at most; what is longer loses its end
public record Mismatched(TokenFile tokens, int[] partners, int positions) {
    /// Takes the answer of the nearest sequence before that has another prompt, the last sequence
    /// standing before the first. So the two answers of a pair never become partners.
    ///
    /// @throws TailorException `DATA_INVALID` if there is only one prompt
    public static Mismatched of(TokenFile tokens, int positions) {
        int[] partners = new int[tokens.sequences()];
        int[] prompt = prompt(tokens, 0);
        partners[0] = lastUnlike(tokens, prompt);
        for (int i = 1; i < partners.length; i++) {
            int[] next = prompt(tokens, i);
            partners[i] = Arrays.equals(prompt, next) ? partners[i - 1] : i - 1;
            prompt = next;
        }
        return new Mismatched(tokens, partners, positions);
    }

    private static int lastUnlike(TokenFile tokens, int[] prompt) {
        int last = tokens.sequences() - 1;
        while (last > 0 && Arrays.equals(prompt, prompt(tokens, last))) {
            last--;
        }
        if (last == 0) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "all answers are to one prompt, and KTO measures its divergence on"
                                    + " prompts with answers to others")
                    .at("data")
                    .remedy("add other prompts, or choose the loss 'apo-zero'");
        }
        return last;
    }

    private static int[] prompt(TokenFile tokens, int index) {
        Sequence sequence = tokens.sequence(index);
        return Arrays.copyOf(sequence.tokens(), sequence.context());
    }

    /// The mismatched twins of sequences, in the same order.
    public MicroBatch batch(int[] sequences) {
        return MicroBatch.of(Arrays.stream(sequences).mapToObj(this::sequence).toList(), sequences);
    }

    private Sequence sequence(int index) {
        Sequence own = tokens.sequence(index);
        Sequence other = tokens.sequence(partners[index]);
        int context = own.context();
        int start = other.context();
        int length = context + other.tokens().length - start;
        int[] mixed = Arrays.copyOf(own.tokens(), length);
        float[] weights = new float[length];
        System.arraycopy(other.tokens(), start, mixed, context, length - context);
        System.arraycopy(other.weights(), start, weights, context, length - context);
        return new Sequence(mixed, weights).first(Math.min(length, positions + 1)).withoutTail();
    }
}
