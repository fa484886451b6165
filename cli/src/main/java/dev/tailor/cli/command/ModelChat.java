package dev.tailor.cli.command;

import dev.tailor.eval.harness.ChatRenderer;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Conversations as text, by a model's chat template.
final class ModelChat implements ChatRenderer {
    private final ChatTemplate template;
    private final Map<String, String> tokens;

    ModelChat(Path modelDirectory, Tokenizer tokenizer) {
        this.template = ChatTemplate.load(modelDirectory);
        this.tokens = tokenizer.templateVariables();
    }

    @Override
    public String render(List<Message> messages) {
        Message last = messages.getLast();
        boolean begun = last.role().equals("assistant");
        Map<String, Object> variables = new HashMap<>(tokens);
        variables.put("messages", messages.stream().map(Message::fields).toList());
        variables.put("add_generation_prompt", !begun);
        String text = template.render(variables).text();
        if (!begun) {
            return text;
        }
        String beginning = String.valueOf(last.content()).strip();
        int at = text.lastIndexOf(beginning);
        return at < 0 ? text : text.substring(0, at + beginning.length());
    }
}
