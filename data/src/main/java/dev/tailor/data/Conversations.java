package dev.tailor.data;

import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Conversations as data sets write them, brought into the form chat templates expect: roles
/// `system`, `user`, `assistant`, `tool`; content as text; tool calls as `{type: function,
/// function: {name, arguments}}`; weights apart from what templates see.
final class Conversations {
    private Conversations() {}

    /// The messages of a column: a list (possibly written as JSON in a string) or one message.
    static List<Message> messages(@Nullable Object column, String name) {
        Object value = RowFields.unwrapped(column);
        if (value instanceof Map<?, ?> single) {
            return List.of(message(single));
        }
        if (!(value instanceof List<?> list)) {
            throw new RejectedRow("'" + name + "' is not a list of messages");
        }
        List<Message> messages = new ArrayList<>(list.size());
        for (Object each : list) {
            if (!(each instanceof Map<?, ?> map)) {
                throw new RejectedRow("'" + name + "' holds something that is not a message");
            }
            messages.add(message(map));
        }
        return messages;
    }

    private static Message message(Map<?, ?> map) {
        Map<String, Object> rest = new LinkedHashMap<>();
        Map<String, Object> weights = new TreeMap<>();
        String role = null;
        Object content = null;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = String.valueOf(entry.getKey());
            Object value = entry.getValue();
            switch (key) {
                case "role", "from" -> role = String.valueOf(value);
                case "content", "value" -> content = value;
                default -> {
                    if (value != null) {
                        (WeightFields.isOne(key) ? weights : rest).put(key, value);
                    }
                }
            }
        }
        if (role == null) {
            throw new RejectedRow("a message has no role");
        }
        Message message = message(role, content, rest);
        return new Message(
                message.role(),
                message.content(),
                message.rest(),
                WeightFields.read(weights, content, message.content().toString()));
    }

    private static Message message(
            String role, @Nullable Object content, Map<String, Object> rest) {
        if (RowFields.unwrapped(rest.get("tool_calls")) instanceof List<?> calls) {
            rest.put("tool_calls", calls.stream().map(Conversations::toolCall).toList());
        }
        return switch (role.toLowerCase(Locale.ROOT)) {
            case "user", "human" -> new Message("user", text(content, rest), rest);
            case "assistant", "gpt", "model", "bot", "chatgpt", "bard", "bing" ->
                    new Message("assistant", text(content, rest), rest);
            case "system" -> new Message("system", text(content, rest), rest);
            case "developer" -> new Message("developer", text(content, rest), rest);
            case "tool", "observation", "function_response", "tool_response", "function" ->
                    new Message("tool", text(content, rest), rest);
            case "function_call", "tool_call" -> called(content, rest);
            default -> throw new RejectedRow("unknown role '" + shortened(role) + "'");
        };
    }

    private static Message called(@Nullable Object content, Map<String, Object> rest) {
        Object value = RowFields.unwrapped(content);
        List<?> calls = value instanceof List<?> list ? list : List.of(value == null ? "" : value);
        rest.put("tool_calls", calls.stream().map(Conversations::toolCall).toList());
        return new Message("assistant", "", rest);
    }

    private static Map<String, Object> toolCall(Object written) {
        if (!(RowFields.unwrapped(written) instanceof Map<?, ?> call)) {
            throw new RejectedRow("a tool call is not an object {name, arguments}");
        }
        Object inner = call.get("function");
        Map<?, ?> function = inner instanceof Map<?, ?> map ? map : call;
        if (!(function.get("name") instanceof String name)) {
            throw new RejectedRow("a tool call has no name");
        }
        Object arguments = RowFields.unwrapped(function.get("arguments"));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("arguments", arguments == null ? Map.of() : arguments);
        Map<String, Object> result = new LinkedHashMap<>();
        if (call.get("id") instanceof String id) {
            result.put("id", id);
        }
        result.put("type", "function");
        result.put("function", body);
        return result;
    }

    private static String text(@Nullable Object content, Map<String, Object> rest) {
        return switch (content) {
            case null -> {
                if (rest.containsKey("tool_calls")) {
                    yield "";
                }
                throw new RejectedRow("a message has no content");
            }
            case String text -> text;
            case List<?> parts -> {
                StringBuilder joined = new StringBuilder();
                parts.forEach(part -> joined.append(part(part)));
                yield joined.toString();
            }
            case Long number -> number.toString();
            case Double number -> number.toString();
            default -> throw new RejectedRow("a message's content is not text");
        };
    }

    private static String part(@Nullable Object part) {
        if (part instanceof String text) {
            return text;
        }
        if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
            return text;
        }
        throw new RejectedRow("a message holds an image or something else that is not text");
    }

    /// The tools of a column: a list, or JSON in a string; each in the shape `{type: function,
    /// function: {...}}`.
    static List<Object> tools(@Nullable Object column) {
        Object value = RowFields.unwrapped(column);
        if (value == null || (value instanceof String text && text.isBlank())) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw new RejectedRow("'tools' is not a list");
        }
        List<Object> tools = new ArrayList<>(list.size());
        for (Object each : list) {
            Object tool = RowFields.unwrapped(each);
            if (!(tool instanceof Map<?, ?> map)) {
                throw new RejectedRow("'tools' holds something that is not a tool");
            }
            boolean bare = !map.containsKey("function");
            tools.add(bare ? Map.of("type", "function", "function", map) : map);
        }
        return tools;
    }

    /// The conversation with a system message in front, unless it has one.
    static List<Message> withSystem(List<Message> messages, java.util.Optional<String> system) {
        boolean has = !messages.isEmpty() && messages.getFirst().role().equals("system");
        if (system.isEmpty() || has) {
            return messages;
        }
        List<Message> all = new ArrayList<>();
        all.add(say("system", system.get()));
        all.addAll(messages);
        return all;
    }

    static Message say(String role, String text) {
        return new Message(role, text, Map.of());
    }

    /// Rejects a conversation from which nothing can be learnt.
    static List<Message> checked(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new RejectedRow("a conversation without messages");
        }
        boolean answered = false;
        boolean asked = false;
        boolean spoken = false;
        for (Message message : messages) {
            boolean empty = isEmpty(message);
            switch (message.role()) {
                case "assistant" -> {
                    if (empty) {
                        throw new RejectedRow("an assistant turn is empty");
                    }
                    answered = true;
                }
                case "user" -> {
                    asked = true;
                    spoken |= !empty;
                }
                default -> {}
            }
        }
        if (!answered) {
            throw new RejectedRow("no assistant turn to learn from");
        }
        if (asked && !spoken) {
            throw new RejectedRow("the user's turns are empty");
        }
        return messages;
    }

    static boolean isEmpty(Message message) {
        return message.content() instanceof String text
                && text.isBlank()
                && !message.rest().containsKey("tool_calls");
    }

    private static String shortened(String role) {
        return role.length() <= 20 ? role : role.substring(0, 20) + "...";
    }
}
