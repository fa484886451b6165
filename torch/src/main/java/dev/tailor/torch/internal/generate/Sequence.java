package dev.tailor.torch.internal.generate;

import dev.tailor.torch.internal.nn.PagedCache;
import dev.tailor.torch.internal.nn.Piece;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/// One prompt and what has been generated after it.
final class Sequence {
    private final int index;
    private final int promptLength;
    private final Sampler sampler;
    private int[] tokens;
    private int length;
    private PagedCache.@Nullable Sequence cached;

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

    /// Its place in the cache.
    PagedCache.Sequence cached() {
        return Objects.requireNonNull(cached);
    }

    void cached(PagedCache.Sequence place) {
        cached = place;
    }

    /// What is not in the cache yet; the logits after its last token are wanted.
    Piece piece() {
        int[] rest = Arrays.copyOfRange(tokens, cached().length(), length);
        return new Piece(cached(), rest, length, rest.length - 1, 0);
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
