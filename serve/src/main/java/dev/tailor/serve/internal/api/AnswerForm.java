package dev.tailor.serve.internal.api;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;

/// How answers to a call look as JSON.
public sealed interface AnswerForm permits ChatForm, CompletionForm {
    /// What stands at the head of every document and piece.
    ///
    /// @param id the request's
    /// @param created seconds since 1970
    /// @param model what answered
    record Head(String id, long created, String model) {
        ObjectNode document(String kind) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id)
                    .put("object", kind)
                    .put("created", created)
                    .put("model", model);
        }
    }

    /// Tokens read and written, and how many of those read were known from before.
    record Usage(int promptTokens, int completionTokens, int cachedTokens) {
        ObjectNode json() {
            ObjectNode usage =
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("prompt_tokens", promptTokens)
                            .put("completion_tokens", completionTokens)
                            .put("total_tokens", promptTokens + completionTokens);
            usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
            return usage;
        }
    }

    /// What ids of such answers begin with.
    String idPrefix();

    /// The whole answer.
    default ObjectNode whole(Head head, List<Answer> answers, Usage usage) {
        ObjectNode document = head.document(wholeKind());
        ArrayNode choices = document.putArray("choices");
        answers.forEach(answer -> choices.add(choice(answer)));
        document.set("usage", usage.json());
        return document;
    }

    /// A piece of an answer that begins a stream; empty where there is none.
    Optional<ObjectNode> opening(Head head, int index);

    /// A piece of one answer.
    default ObjectNode piece(Head head, Answer answer) {
        ObjectNode document = head.document(pieceKind());
        document.putArray("choices").add(delta(answer));
        return document;
    }

    /// The piece of a stream that tells the counts of tokens.
    default ObjectNode usagePiece(Head head, Usage usage) {
        ObjectNode document = head.document(pieceKind());
        document.putArray("choices");
        document.set("usage", usage.json());
        return document;
    }

    /// The kind of a whole answer.
    String wholeKind();

    /// The kind of a piece.
    String pieceKind();

    /// One whole answer.
    ObjectNode choice(Answer answer);

    /// A piece of an answer.
    ObjectNode delta(Answer answer);

    /// Why an answer ended, as OpenAI's word; empty while it has not.
    static Optional<String> word(Answer answer) {
        return Optional.ofNullable(answer.reason())
                .map(reason ->
                        switch (reason) {
                            case STOP -> "stop";
                            case LENGTH -> "length";
                        });
    }
}
