package dev.tailor.workflow.internal.stages;

import dev.tailor.text.ChatTemplate;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;
import dev.tailor.train.PromptSamples;
import dev.tailor.train.TrainRequest;
import dev.tailor.workflow.model.ChatPrompts;
import dev.tailor.workflow.model.Encoding;
import dev.tailor.workflow.recipe.SamplePrompts;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Prompts of a recipe as a model's tokens.
final class SampleTokens {
    private SampleTokens() {}

    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` where the chat template refuses a
    ///   prompt
    static PromptSamples of(SamplePrompts samples, TrainRequest request) {
        try (Tokenizer tokenizer = Tokenizer.load(request.base())) {
            Function<String, int[]> tokens;
            Set<Integer> stopIds;
            if (samples.asChat()) {
                ChatPrompts chat = new ChatPrompts(tokenizer, ChatTemplate.load(request.base()));
                tokens = prompt -> chat.tokens(List.of(Message.of("user", prompt)), List.of());
                stopIds = chat.stopIds();
            } else {
                Encoding text = new Encoding(tokenizer);
                tokens = text::prompt;
                stopIds = tokenizer.stopIds();
            }
            return new PromptSamples(
                    samples.prompts().stream()
                            .map(prompt -> new PromptSamples.Prompt(prompt, tokens.apply(prompt)))
                            .toList(),
                    stopIds,
                    samples.every(),
                    samples.maxTokens());
        }
    }
}
