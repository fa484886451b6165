package dev.tailor.serve.internal.api;

import dev.tailor.core.TailorException;
import dev.tailor.serve.ServedModel;
import dev.tailor.serve.internal.api.CompletionForm.Echo;
import dev.tailor.text.EncodedChat;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;

import tools.jackson.databind.JsonNode;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Prompts as requests hold them, as tokens.
record Prompts(ServedModel model) {
    private static final Set<String> ROLES =
            Set.of("system", "developer", "user", "assistant", "tool");

    /// A conversation, up to where the assistant begins to speak. What clients say never becomes a
    /// special token.
    EncodedChat chat(JsonNode messages) {
        try {
            return model.chat().at(LocalDateTime.now()).prompt(conversation(messages), List.of());
        } catch (TailorException e) {
            throw ApiException.invalid("messages", e.render());
        }
    }

    /// The messages of a conversation.
    static List<Message> conversation(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiException.invalid("messages", "'messages' must be a list of messages");
        }
        List<Message> conversation = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            conversation.add(message(Fields.of(messages.get(i), "messages[" + i + "]")));
        }
        return conversation;
    }

    private static Message message(Fields fields) {
        String role = fields.text("role").orElseThrow(() -> fields.invalid("role", "is missing"));
        if (!ROLES.contains(role)) {
            throw fields.invalid("role", "must be one of " + String.join(", ", sorted()));
        }
        fields.ignore("name", "refusal");
        JsonNode content =
                fields.any("content").orElseThrow(() -> fields.invalid("content", "is missing"));
        fields.requireNoOthers();
        return Message.of(role.equals("developer") ? "system" : role, text(fields, content));
    }

    private static List<String> sorted() {
        return ROLES.stream().sorted().toList();
    }

    /// A text, or the texts of parts one after another.
    private static String text(Fields fields, JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray()) {
            throw fields.invalid("content", "must be a string or a list of parts");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode each : content) {
            Fields part = Fields.of(each, fields.path("content"));
            if (!part.text("type").orElse("").equals("text")) {
                throw part.invalid("type", "must be 'text'");
            }
            text.append(part.text("text").orElseThrow(() -> part.invalid("text", "is missing")));
            part.requireNoOthers();
        }
        return text.toString();
    }

    /// One or several plain prompts: a text, texts, tokens, or lists of tokens.
    List<Echo> plain(Fields fields, String name, JsonNode prompt) {
        if (!prompt.isArray()) {
            return List.of(one(fields, name, prompt));
        }
        if (prompt.isEmpty()) {
            throw fields.invalid(name, "is empty");
        }
        if (prompt.get(0).isNumber()) {
            return List.of(one(fields, name, prompt));
        }
        List<Echo> prompts = new ArrayList<>();
        for (JsonNode each : prompt) {
            prompts.add(one(fields, name, each));
        }
        return prompts;
    }

    private Echo one(Fields fields, String name, JsonNode prompt) {
        if (prompt.isString()) {
            String text = prompt.stringValue();
            return new Echo(text, required(fields, name, encode(text)));
        }
        if (!prompt.isArray()) {
            throw fields.invalid(name, "must be a string, strings, tokens or lists of tokens");
        }
        int[] tokens = new int[prompt.size()];
        int vocabulary = model.model().config().vocabularySize();
        for (int i = 0; i < tokens.length; i++) {
            JsonNode token = prompt.get(i);
            boolean known =
                    token.isIntegralNumber()
                            && token.canConvertToInt()
                            && token.intValue() >= 0
                            && token.intValue() < vocabulary;
            if (!known) {
                throw fields.invalid(
                        name, "holds something that is not a token of 0 to " + (vocabulary - 1));
            }
            tokens[i] = token.intValue();
        }
        return new Echo(model.tokenizer().decode(tokens, false), required(fields, name, tokens));
    }

    private static int[] required(Fields fields, String name, int[] tokens) {
        if (tokens.length == 0) {
            throw fields.invalid(name, "is empty");
        }
        return tokens;
    }

    /// As the tokenizer begins a text, unless it is begun already; what stands for nothing where it
    /// is empty.
    private int[] encode(String text) {
        Tokenizer tokenizer = model.tokenizer();
        boolean begun =
                tokenizer.bosToken().filter(b -> !b.isEmpty() && text.startsWith(b)).isPresent();
        int[] tokens = tokenizer.encode(text, !begun);
        if (tokens.length > 0) {
            return tokens;
        }
        OptionalInt first = tokenizer.bosId().isPresent() ? tokenizer.bosId() : tokenizer.eosId();
        return first.isPresent() ? new int[] {first.getAsInt()} : tokens;
    }
}
