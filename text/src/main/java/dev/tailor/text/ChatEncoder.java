package dev.tailor.text;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns conversations into token ids and says which of them are learnt.
///
/// **Ids.** Where no message spells a special token, the ids are those of the whole rendered text,
/// as transformers gives them; nothing is added around it, since templates write their own
/// beginning-of-sequence token. The spelling of a special token (`</s>`, `<|im_end|>`) in anything
/// that came from the caller stays ordinary text; only the template's own text makes special
/// tokens.
///
/// **What is learnt** of an assistant message with [TrainOn#ASSISTANT] and [TrainOn#LAST]:
///
/// 1. Where the template has `{% generation %}` blocks: what stands within them.
/// 2. Else what the message adds to the text: from the end of the generation prompt that the
///    messages before it render to, to the end of the text that the messages up to it render to.
///    White space behind its last special token (the line break after `<|im_end|>`) does not count.
/// 3. Else, where a template renders earlier messages differently once later ones follow (it drops
///    their reasoning): the message's content as it stands in the text.
///
/// In each case the special token that ends the message counts too, even where it stands right
/// behind the block, so that the model learns to stop.
///
/// **How much it counts.** Where a message has [LossWeights], they decide instead of [TrainOn]: the
/// weight of an assistant's message counts for all that would be learnt of it, that of another
/// message for its content, that of a part for the tokens at least half of whose visible characters
/// lie in it. Immutable; safe for use by several threads.
public final class ChatEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Map<String, Object> variables;
    private final LossMask mask;
    private final LocalDateTime now;

    /// An encoder that gives the template the tokenizer's `bos_token`, `eos_token` and `pad_token`.
    public ChatEncoder(Tokenizer tokenizer, ChatTemplate template) {
        this(
                tokenizer,
                template,
                new HashMap<>(tokenizer.templateVariables()),
                LocalDateTime.now());
    }

    private ChatEncoder(
            Tokenizer tokenizer,
            ChatTemplate template,
            Map<String, Object> variables,
            LocalDateTime now) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.variables = variables;
        this.mask = new LossMask(tokenizer);
        this.now = now;
    }

    /// The same encoder that gives the template further variables, such as `enable_thinking`.
    public ChatEncoder with(Map<String, ?> further) {
        Map<String, Object> all = new HashMap<>(variables);
        all.putAll(further);
        return new ChatEncoder(tokenizer, template, all, now);
    }

    /// The same encoder for a template that asks for the date: it sees this one instead of the time
    /// at which the encoder was made.
    public ChatEncoder at(LocalDateTime time) {
        return new ChatEncoder(tokenizer, template, variables, time);
    }

    /// The template.
    public ChatTemplate template() {
        return template;
    }

    /// The text from which the model is to go on as the assistant; nothing of it is learnt.
    ///
    /// @param tools the tools on offer as JSON-like values, empty for none
    public EncodedChat prompt(List<Message> messages, List<?> tools) {
        Rendering rendering = render(messages, tools, true);
        return mask.none(rendering, encode(rendering));
    }

    /// A conversation to learn from.
    ///
    /// @param tools the tools on offer as JSON-like values, empty for none
    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` where the template refuses the
    ///   conversation or hides what the assistant says
    public EncodedChat encode(List<Message> messages, List<?> tools, TrainOn what) {
        return encode(messages, tools, what, 0);
    }

    /// A conversation to learn from, in part.
    ///
    /// @param firstTrained the first message that is learnt from; those before are context
    public EncodedChat encode(
            List<Message> messages, List<?> tools, TrainOn what, int firstTrained) {
        Rendering rendering = render(messages, tools, false);
        EncodedText encoded = encode(rendering);
        boolean weighted = messages.stream().anyMatch(message -> !message.weights().isEmpty());
        if (what == TrainOn.ALL && !weighted) {
            return mask.all(rendering, encoded);
        }
        AssistantSpans spans =
                new AssistantSpans(
                        messages,
                        rendering,
                        template.marksGenerations(),
                        (part, prompts) -> render(part, tools, prompts).text(),
                        mask::hasSpecialToken);
        int first = what == TrainOn.LAST ? Math.max(firstTrained, spans.last()) : firstTrained;
        return weighted
                ? new WeightedMask(messages, rendering, encoded, mask)
                        .of(spans, what == TrainOn.ALL, first)
                : mask.of(rendering, encoded, spans.from(first));
    }

    /// A conversation as text, with where what stands in it.
    ///
    /// @param prompts whether the text ends with the prompt for the assistant to speak
    public Rendering render(List<Message> messages, List<?> tools, boolean prompts) {
        Map<String, Object> all = new HashMap<>(variables);
        all.put("messages", messages.stream().map(Message::fields).toList());
        all.put("add_generation_prompt", prompts);
        if (!tools.isEmpty()) {
            all.put("tools", tools);
        }
        return template.render(all, now);
    }

    private EncodedText encode(Rendering rendering) {
        List<TextRange> literal =
                rendering.data().stream()
                        .map(span -> new TextRange(span.start(), span.end()))
                        .toList();
        return tokenizer.encodeGuarded(rendering.text(), literal);
    }
}
