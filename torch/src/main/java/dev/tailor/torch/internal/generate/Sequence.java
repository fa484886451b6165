package dev.tailor.torch.internal.generate;

import java.util.Arrays;

/// One prompt and what has been generated after it.
final class Sequence {
    private final int index;
    private final int promptLength;
    private final Sampler sampler;
    private int[] tokens;
    private int length;

    Sequence(int index, int[] prompt, Sampler sampler) {
        this.index = index;
        this.promptLength = prompt.length;
        this.sampler = sampler;
        this.tokens = Arrays.copyOf(prompt, prompt.length + 64);
        this.length = prompt.length;
    }

    /// Its place among the prompts.
    int index() {
        return index;
    }

    int[] prompt() {
        return Arrays.copyOf(tokens, promptLength);
    }

    int[] generated() {
        return Arrays.copyOfRange(tokens, promptLength, length);
    }

    int generatedLength() {
        return length - promptLength;
    }

    int length() {
        return length;
    }

    int[] allButLast() {
        return Arrays.copyOf(tokens, length - 1);
    }

    int last() {
        return tokens[length - 1];
    }

    int choose(float[] logits) {
        return sampler.choose(logits, Arrays.copyOf(tokens, length));
    }

    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
    }
}
