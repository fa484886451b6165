package dev.tailor.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A message of a conversation.
///
/// @param role who speaks: `system`, `user`, `assistant`, `tool`
/// @param content a text or a list of parts; a message that only calls tools has an empty text
/// @param rest every other field (`tool_calls`, `name`, ...) as JSON-like values: texts, numbers,
///   booleans, null, lists and maps of them
/// @param weights how much it counts in the loss; templates never see that
public record Message(String role, Object content, Map<String, Object> rest, LossWeights weights) {
    /// Copies the fields, keeping their order.
    public Message {
        rest = Collections.unmodifiableMap(new LinkedHashMap<>(rest));
    }

    /// A message whose data says nothing of weights.
    public Message(String role, Object content, Map<String, Object> rest) {
        this(role, content, rest, LossWeights.NONE);
    }

    /// A message of text only.
    public static Message of(String role, String content) {
        return new Message(role, content, Map.of());
    }

    /// The message as a template sees it: `role`, `content`, then the rest.
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        fields.putAll(rest);
        return Collections.unmodifiableMap(fields);
    }
}
