package dev.tailor.serve.internal.api;

import dev.tailor.serve.internal.engine.TokenScore;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;

/// Answers of `/v1/completions`.
///
/// @param texts how tokens look
/// @param logProbs whether log-probabilities are wanted
/// @param prompts what an answer begins with where it repeats its prompt, by its number
record CompletionForm(TokenTexts texts, boolean logProbs, List<Echo> prompts)
        implements AnswerForm {
    /// A prompt that is repeated before its answer.
    record Echo(String text, int[] tokens) {}

    @Override
    public String idPrefix() {
        return "cmpl-";
    }

    @Override
    public String wholeKind() {
        return "text_completion";
    }

    @Override
    public String pieceKind() {
        return "text_completion";
    }

    @Override
    public ObjectNode choice(Answer answer) {
        String prompt = prompts.isEmpty() ? "" : prompts.get(answer.index()).text();
        ObjectNode choice =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("index", answer.index())
                        .put("text", prompt + answer.text());
        if (logProbs) {
            choice.set("logprobs", scores(answer));
        } else {
            choice.putNull("logprobs");
        }
        return choice.put("finish_reason", AnswerForm.word(answer).orElse(null));
    }

    @Override
    public Optional<ObjectNode> opening(Head head, int index) {
        return Optional.empty();
    }

    @Override
    public ObjectNode delta(Answer answer) {
        // Streams do not repeat prompts: asking for both is refused.
        return choice(answer);
    }

    private ObjectNode scores(Answer answer) {
        ObjectNode logprobs = JsonNodeFactory.instance.objectNode();
        Columns columns =
                new Columns(
                        logprobs.putArray("tokens"),
                        logprobs.putArray("token_logprobs"),
                        logprobs.putArray("top_logprobs"),
                        logprobs.putArray("text_offset"));
        int offset = 0;
        if (!prompts.isEmpty()) {
            int first = prompts.get(answer.index()).tokens()[0];
            columns.addFirst(texts.of(first));
            offset = columns.add(texts, answer.promptScores(), texts.of(first).length());
        }
        columns.add(texts, answer.scores(), offset);
        return logprobs;
    }

    private record Columns(
            ArrayNode tokens, ArrayNode logProbs, ArrayNode likeliest, ArrayNode offsets) {
        /// Nothing comes before the first token of a text.
        void addFirst(String text) {
            tokens.add(text);
            logProbs.addNull();
            likeliest.addNull();
            offsets.add(0);
        }

        int add(TokenTexts texts, List<TokenScore> scores, int start) {
            int offset = start;
            for (TokenScore score : scores) {
                String text = texts.of(score.token());
                tokens.add(text);
                logProbs.add(TokenTexts.finite(score.logProb()));
                ObjectNode top = likeliest.addObject();
                // Of tokens that look alike the likeliest stands.
                for (TokenScore.Likely each : score.likeliest()) {
                    String name = texts.of(each.token());
                    if (!top.has(name)) {
                        top.put(name, TokenTexts.finite(each.logProb()));
                    }
                }
                if (!top.has(text)) {
                    top.put(text, TokenTexts.finite(score.logProb()));
                }
                offsets.add(offset);
                offset += text.length();
            }
            return offset;
        }
    }
}
