package dev.tailor.serve.internal.api;

import dev.tailor.text.Message;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What somebody thinks of two answers to one conversation.
///
/// @param prompt the conversation, up to what was answered
/// @param left one answer
/// @param right the other
/// @param winner the better one, if any
/// @param settings how both were sampled, as the voter's client tells it
public record Vote(
        List<Message> prompt, Side left, Side right, Winner winner, ObjectNode settings) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// An answer.
    ///
    /// @param model the model or adapter that gave it
    public record Side(String model, String content) {
        private static Side read(Fields fields) {
            Side side = new Side(required(fields, "model"), required(fields, "content"));
            fields.requireNoOthers();
            return side;
        }

        private ArrayNode said() {
            ArrayNode messages = NODES.arrayNode();
            messages.addObject().put("role", "assistant").put("content", content);
            return messages;
        }
    }

    /// The better answer.
    public enum Winner {
        LEFT,
        RIGHT,
        TIE,
        BOTH_BAD;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Winner read(Fields fields) {
            String word = required(fields, "winner");
            return Arrays.stream(values())
                    .filter(winner -> winner.word().equals(word))
                    .findFirst()
                    .orElseThrow(() ->
                            fields.invalid(
                                    "winner",
                                    "must be one of "
                                            + Arrays.stream(values())
                                                    .map(Winner::word)
                                                    .collect(Collectors.joining(", "))));
        }
    }

    static Vote read(Fields fields) {
        JsonNode messages =
                fields.any("messages").orElseThrow(() -> fields.invalid("messages", "is missing"));
        Vote vote =
                new Vote(
                        Prompts.conversation(messages),
                        Side.read(part(fields, "left")),
                        Side.read(part(fields, "right")),
                        Winner.read(fields),
                        fields.any("settings")
                                .map(settings -> settings(fields, settings))
                                .orElseGet(NODES::objectNode));
        fields.requireNoOthers();
        if (!vote.prompt().getLast().role().equals("user")
                || ((String) vote.prompt().getLast().content()).isBlank()) {
            throw fields.invalid("messages", "must end with what the user asked");
        }
        return vote;
    }

    private static Fields part(Fields fields, String name) {
        return Fields.of(
                fields.any(name).orElseThrow(() -> fields.invalid(name, "is missing")), name);
    }

    private static ObjectNode settings(Fields fields, JsonNode settings) {
        if (settings instanceof ObjectNode object) {
            return object;
        }
        throw fields.invalid("settings", "must be an object");
    }

    private static String required(Fields fields, String name) {
        return fields.text(name).orElseThrow(() -> fields.invalid(name, "is missing"));
    }

    /// Whether preference tuning can learn from it: one answer won, neither is empty, and they are
    /// not the same.
    public boolean isPair() {
        return (winner == Winner.LEFT || winner == Winner.RIGHT)
                && !left.content().isBlank()
                && !right.content().isBlank()
                && !left.content().equals(right.content());
    }

    /// The row of a data set: `prompt`, `chosen` and `rejected` as lists of messages where it is a
    /// pair, else `prompt`, `left` and `right`; with `models`, `vote`, `time` and `settings`, which
    /// the readers of preferences pass over.
    public ObjectNode row(Instant time) {
        ObjectNode row = NODES.objectNode();
        ArrayNode messages = row.putArray("prompt");
        prompt.forEach(message ->
                messages.addObject()
                        .put("role", message.role())
                        .put("content", (String) message.content()));
        boolean ofLeft = winner == Winner.LEFT;
        Side first = !isPair() || ofLeft ? left : right;
        Side second = !isPair() || ofLeft ? right : left;
        String firstName = isPair() ? "chosen" : "left";
        String secondName = isPair() ? "rejected" : "right";
        row.set(firstName, first.said());
        row.set(secondName, second.said());
        row.putObject("models").put(firstName, first.model()).put(secondName, second.model());
        row.put("vote", winner.word()).put("time", time.truncatedTo(ChronoUnit.SECONDS).toString());
        row.set("settings", settings);
        return row;
    }
}
