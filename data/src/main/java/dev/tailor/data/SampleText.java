package dev.tailor.data;

import dev.tailor.text.Message;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The messages and texts of a sample, whatever kind it is.
final class SampleText {
    private SampleText() {}

    static List<Message> messages(Sample sample) {
        return switch (sample) {
            case Sample.Text _, Sample.Augmented _, Sample.PromptCompletion _ -> List.of();
            case Sample.Chat chat -> chat.messages();
            case Sample.Preference pair -> joined(pair.prompt(), pair.chosen(), pair.rejected());
            case Sample.Unpaired answer -> joined(answer.prompt(), answer.completion(), List.of());
        };
    }

    /// The texts in their order.
    static List<String> texts(Sample sample) {
        return switch (sample) {
            case Sample.Text text -> List.of(text.text());
            case Sample.Augmented text ->
                    Stream.concat(
                                    Stream.of(text.text()),
                                    text.pairs().stream()
                                            .flatMap(pair ->
                                                    Stream.of(pair.question(), pair.answer())))
                            .toList();
            case Sample.PromptCompletion pair -> List.of(pair.prompt(), pair.completion());
            case Sample.Chat _, Sample.Preference _, Sample.Unpaired _ ->
                    messages(sample).stream().map(message -> message.content().toString()).toList();
        };
    }

    static int length(Sample sample) {
        return texts(sample).stream().mapToInt(String::length).sum();
    }

    private static List<Message> joined(
            List<Message> first, List<Message> second, List<Message> third) {
        List<Message> all = new ArrayList<>(first.size() + second.size() + third.size());
        all.addAll(first);
        all.addAll(second);
        all.addAll(third);
        return all;
    }
}
