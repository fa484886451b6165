package dev.tailor.text;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.AssistantSpans.Stretch;

import java.util.Arrays;
import java.util.List;

/// How much each token counts in a conversation whose data gives weights to messages or to parts of
/// them.
record WeightedMask(
        List<Message> messages, Rendering rendering, EncodedText encoded, LossMask mask) {
    /// The weights of the data over those that are usual.
    ///
    /// @param everything whether all tokens count, or what the assistant says
    /// @param first the assistant's first message that counts, unless everything does
    EncodedChat of(AssistantSpans spans, boolean everything, int first) {
        float[] weights = new float[encoded.length()];
        Arrays.fill(weights, everything ? 1 : 0);
        List<Stretch> stretches =
                spans.of(i -> !weightsOf(i).message().isEmpty() || !everything && i >= first);
        mask.fill(
                weights,
                rendering,
                encoded,
                stretches,
                i -> weightsOf(i).message().orElse(everything || i >= first ? 1 : 0));
        for (int i = 0; i < messages.size(); i++) {
            LossWeights own = weightsOf(i);
            if (!spans.isAssistant(i) && (everything || own.message().orElse(0) > 0)) {
                fillContent(weights, i, own);
            }
            for (LossWeights.Part part : own.parts()) {
                if (everything || spans.isAssistant(i) || part.weight() > 0) {
                    fillPart(weights, i, part);
                }
            }
        }
        return LossMask.chat(rendering, encoded, weights);
    }

    private LossWeights weightsOf(int message) {
        return messages.get(message).weights();
    }

    private void fillContent(float[] weights, int message, LossWeights own) {
        if (own.message().isPresent()) {
            double weight = own.message().getAsDouble();
            content(message, weight)
                    .forEach(span -> fill(weights, span.start(), span.end(), weight));
        }
    }

    private void fillPart(float[] weights, int message, LossWeights.Part part) {
        for (Span span : content(message, part.weight())) {
            int shift = span.start() - span.offset();
            int start = Math.max(span.start(), part.start() + shift);
            int end = Math.min(span.end(), part.end() + shift);
            if (start < end) {
                fill(weights, start, end, part.weight());
            }
        }
    }

    /// Where a message's content stands in the text.
    ///
    /// @throws TailorException `TEMPLATE_INVALID` where it does not, or not as the data has it
    private List<Span> content(int message, double weight) {
        List<Span> spans =
                rendering.messages().stream().filter(span -> span.message() == message).toList();
        if (spans.isEmpty() && !messages.get(message).content().toString().isBlank()) {
            throw TailorException.of(
                            ErrorCode.TEMPLATE_INVALID,
                            "it leaves message "
                                    + (message + 1)
                                    + " out or changes its text, so that its weight of "
                                    + weight
                                    + " has nothing to count for")
                    .remedy("take the weight off, or use a template that prints contents as is");
        }
        return spans;
    }

    /// The tokens at least half of whose visible characters lie in `[start, end)`; of white space,
    /// of all its characters. So a token's leading space does not draw it into the word before.
    private void fill(float[] weights, int start, int end, double weight) {
        for (int i = 0; i < weights.length; i++) {
            int from = encoded.starts()[i];
            int to = encoded.ends()[i];
            boolean blank = rendering.text().substring(from, to).isBlank();
            int all = count(from, to, blank);
            int within = count(Math.max(start, from), Math.min(end, to), blank);
            if (all > 0 && 2 * within >= all) {
                weights[i] = (float) weight;
            }
        }
    }

    private int count(int from, int to, boolean blanks) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += blanks || !Character.isWhitespace(rendering.text().charAt(i)) ? 1 : 0;
        }
        return count;
    }
}
