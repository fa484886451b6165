package dev.tailor.text;

import java.util.Map;

/// One message of a conversation, JSON-like: content is a `String`, or a list of parts.
public record Message(String role, Object content, Map<String, Object> rest) {}
