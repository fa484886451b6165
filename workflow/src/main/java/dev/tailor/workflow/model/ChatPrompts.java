package dev.tailor.workflow.model;

import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.EncodedChat;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.TrainOn;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Conversations as a model's chat template and tokenizer see them. What users say never becomes a
/// special token.
public final class ChatPrompts {
    private final Tokenizer tokenizer;
    private final ChatEncoder encoder;

    /// Prompts for a tokenizer with its template.
    public ChatPrompts(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.encoder = new ChatEncoder(tokenizer, template);
    }

    /// The tokens up to where the assistant begins to speak.
    public int[] tokens(List<Message> messages, List<Object> tools) {
        return encoder.prompt(messages, tools).tokens();
    }

    /// Where generation ends in a conversation: the tokenizer's stops and the special token that
    /// ends what an assistant says.
    public Set<Integer> stopIds() {
        Set<Integer> stops = new HashSet<>(tokenizer.stopIds());
        EncodedChat exchange =
                encoder.encode(
                        List.of(Message.of("user", "Oho"), Message.of("assistant", "Aha")),
                        List.of(),
                        TrainOn.LAST);
        for (int i = exchange.length() - 1; i >= 0; i--) {
            if (exchange.isTrained(i)) {
                String last = exchange.text().substring(exchange.starts()[i], exchange.ends()[i]);
                if (tokenizer.specialTokens().contains(last)) {
                    stops.add(exchange.tokens()[i]);
                }
                break;
            }
        }
        return stops;
    }
}
