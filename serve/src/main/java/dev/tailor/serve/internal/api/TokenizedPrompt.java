package dev.tailor.serve.internal.api;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Optional;

/// What `/tokenize` answers.
///
/// @param tokens the prompt as the model reads it
/// @param pieces its text, cut into tokens, where that is wanted
public record TokenizedPrompt(int[] tokens, Optional<TokenPieces> pieces) {
    /// `{"count", "max_model_len", "tokens"}`, with pieces `"text"` and `"pieces"` too.
    ///
    /// @param longestSequence prompt and answer together, in tokens
    public ObjectNode json(int longestSequence) {
        ObjectNode reply = JsonNodeFactory.instance.objectNode();
        reply.put("count", tokens.length).put("max_model_len", longestSequence);
        ArrayNode ids = reply.putArray("tokens");
        for (int token : tokens) {
            ids.add(token);
        }
        pieces.ifPresent(each -> each.put(reply));
        return reply;
    }
}
