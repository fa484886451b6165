package dev.tailor.workflow.model;

import dev.tailor.text.ChatTemplate;
import dev.tailor.text.EncodedText;
import dev.tailor.text.Message;
import dev.tailor.text.Rendering;
import dev.tailor.text.Span;
import dev.tailor.text.TextRange;
import dev.tailor.text.Tokenizer;

import org.jspecify.annotations.Nullable;

import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Conversations as a model's chat template and tokenizer see them. What users say never becomes a
/// special token.
public final class ChatPrompts {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    /// Prompts for a tokenizer with its template.
    public ChatPrompts(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /// The tokens up to where the assistant begins to speak.
    public int[] tokens(List<Message> messages, List<Object> tools) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages.stream().map(Message::fields).toList());
        if (!tools.isEmpty()) {
            variables.put("tools", tools);
        }
        variables.put("add_generation_prompt", true);
        return encode(render(variables, LocalDateTime.now())).ids();
    }

    /// Renders with the tokenizer's special tokens as variables, where the caller gives none.
    public Rendering render(Map<String, ? extends @Nullable Object> variables, LocalDateTime now) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        tokenizer.bosToken().ifPresent(token -> all.put("bos_token", token));
        tokenizer.eosToken().ifPresent(token -> all.put("eos_token", token));
        tokenizer.padToken().ifPresent(token -> all.put("pad_token", token));
        all.putAll(variables);
        return template.render(withoutNullness(all), now);
    }

    @SuppressWarnings("NullAway") // Values may be null: that is JSON's null.
    private static Map<String, Object> withoutNullness(Map<String, @Nullable Object> variables) {
        return variables;
    }

    /// The tokens of a rendered conversation.
    public EncodedText encode(Rendering rendering) {
        return tokenizer.encodeGuarded(
                rendering.text(),
                rendering.data().stream()
                        .sorted(Comparator.comparingInt(Span::start))
                        .map(span -> new TextRange(span.start(), span.end()))
                        .toList());
    }

    /// Where generation ends in a conversation: the tokenizer's stops and the token that the
    /// template puts after what an assistant says.
    public Set<Integer> stopIds() {
        Set<Integer> stops = new HashSet<>(tokenizer.stopIds());
        String said = "Aha";
        List<Message> exchange = List.of(Message.of("user", "Oho"), Message.of("assistant", said));
        Rendering rendering =
                render(
                        Map.of("messages", exchange.stream().map(Message::fields).toList()),
                        LocalDateTime.now());
        int end = rendering.text().lastIndexOf(said) + said.length();
        EncodedText tokens = encode(rendering);
        for (int i = 0; i < tokens.length(); i++) {
            if (tokens.starts()[i] >= end && tokens.ends()[i] > end) {
                String token = rendering.text().substring(tokens.starts()[i], tokens.ends()[i]);
                if (tokenizer.specialTokens().contains(token)) {
                    stops.add(tokens.ids()[i]);
                }
                break;
            }
        }
        return stops;
    }
}
