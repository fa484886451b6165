package dev.tailor.serve.internal.api;

import dev.tailor.serve.internal.engine.TokenScore;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;

/// Answers of `/v1/chat/completions`.
///
/// @param texts how tokens look
/// @param logProbs whether log-probabilities are wanted
record ChatForm(TokenTexts texts, boolean logProbs) implements AnswerForm {
    @Override
    public String idPrefix() {
        return "chatcmpl-";
    }

    @Override
    public String wholeKind() {
        return "chat.completion";
    }

    @Override
    public String pieceKind() {
        return "chat.completion.chunk";
    }

    @Override
    public ObjectNode choice(Answer answer) {
        ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", answer.index());
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", answer.text())
                .putNull("refusal");
        putScores(choice, answer.scores());
        return choice.put("finish_reason", AnswerForm.word(answer).orElse(null));
    }

    @Override
    public Optional<ObjectNode> opening(Head head, int index) {
        ObjectNode document = head.document(pieceKind());
        ObjectNode choice = document.putArray("choices").addObject().put("index", index);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        choice.putNull("finish_reason");
        return Optional.of(document);
    }

    @Override
    public ObjectNode delta(Answer answer) {
        ObjectNode choice = JsonNodeFactory.instance.objectNode().put("index", answer.index());
        ObjectNode delta = choice.putObject("delta");
        if (answer.reason() == null) {
            delta.put("content", answer.text());
        }
        if (!answer.scores().isEmpty()) {
            putScores(choice, answer.scores());
        }
        return choice.put("finish_reason", AnswerForm.word(answer).orElse(null));
    }

    private void putScores(ObjectNode choice, List<TokenScore> scores) {
        if (!logProbs) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = choice.putObject("logprobs");
        ArrayNode content = logprobs.putArray("content");
        for (TokenScore score : scores) {
            ObjectNode token = content.addObject();
            texts.put(token, score.token(), score.logProb());
            ArrayNode top = token.putArray("top_logprobs");
            score.likeliest()
                    .forEach(each -> texts.put(top.addObject(), each.token(), each.logProb()));
        }
        logprobs.putNull("refusal");
    }
}
