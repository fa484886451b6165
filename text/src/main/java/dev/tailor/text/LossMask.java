package dev.tailor.text;

import dev.tailor.text.AssistantSpans.Stretch;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/// From stretches of a text to the tokens that are learnt, and how much each counts.
final class LossMask {
    private final Set<String> specialTokens;
    private final Set<Integer> specialIds;
    private final OptionalInt bosId;

    LossMask(Tokenizer tokenizer) {
        this.specialTokens = tokenizer.specialTokens();
        this.specialIds =
                specialTokens.stream()
                        .map(tokenizer::id)
                        .filter(OptionalInt::isPresent)
                        .map(OptionalInt::getAsInt)
                        .collect(Collectors.toUnmodifiableSet());
        this.bosId = tokenizer.bosId();
    }

    boolean hasSpecialToken(String text) {
        return specialTokens.stream().anyMatch(text::contains);
    }

    EncodedChat none(Rendering rendering, EncodedText encoded) {
        return chat(rendering, encoded, new float[encoded.length()]);
    }

    EncodedChat all(Rendering rendering, EncodedText encoded) {
        float[] weights = new float[encoded.length()];
        Arrays.fill(weights, 1);
        return chat(rendering, encoded, weights);
    }

    /// The tokens that overlap a stretch, each stretch up to the special token that ends it.
    EncodedChat of(Rendering rendering, EncodedText encoded, List<Stretch> stretches) {
        float[] weights = new float[encoded.length()];
        fill(weights, rendering, encoded, stretches, message -> 1);
        return chat(rendering, encoded, weights);
    }

    /// Gives the tokens of each stretch the weight of its message.
    void fill(
            float[] weights,
            Rendering rendering,
            EncodedText encoded,
            List<Stretch> stretches,
            IntToDoubleFunction weight) {
        int from = 0;
        for (Stretch stretch : stretches) {
            while (from < encoded.length() && !reaches(encoded, from, stretch.start())) {
                from++;
            }
            int to = from;
            while (to < encoded.length() && encoded.starts()[to] < stretch.end()) {
                to++;
            }
            to = end(rendering.text(), encoded, from, to, stretch.exact());
            Arrays.fill(weights, from, to, (float) weight.applyAsDouble(stretch.message()));
            from = to;
        }
    }

    /// A special token that swallows the white space behind it may reach into what follows, but
    /// belongs to what it stands in.
    private boolean reaches(EncodedText encoded, int token, int start) {
        return encoded.starts()[token] >= start
                || (encoded.ends()[token] > start && !isSpecial(encoded, token));
    }

    /// Where a stretch `[from, to)` of tokens really ends.
    private int end(String text, EncodedText encoded, int from, int to, boolean exact) {
        int last = to - 1;
        while (last >= from && isBlank(text, encoded, last)) {
            last--;
        }
        if (last >= from && isSpecial(encoded, last)) {
            return exact ? to : last + 1;
        }
        int next = to;
        while (next < encoded.length() && isBlank(text, encoded, next)) {
            next++;
        }
        boolean ends = next < encoded.length() && isSpecial(encoded, next) && !isBos(encoded, next);
        return ends && from < to ? next + 1 : to;
    }

    private boolean isSpecial(EncodedText encoded, int token) {
        return specialIds.contains(encoded.ids()[token]);
    }

    private boolean isBos(EncodedText encoded, int token) {
        return bosId.isPresent() && bosId.getAsInt() == encoded.ids()[token];
    }

    private boolean isBlank(String text, EncodedText encoded, int token) {
        return !isSpecial(encoded, token)
                && text.substring(encoded.starts()[token], encoded.ends()[token]).isBlank();
    }

    static EncodedChat chat(Rendering rendering, EncodedText encoded, float[] weights) {
        if (weights.length > 0) {
            weights[0] = 0;
        }
        return new EncodedChat(
                encoded.ids(), weights, encoded.starts(), encoded.ends(), rendering.text());
    }
}
