package dev.tailor.text;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Which part of a conversation is learnt.
public enum TrainOn {
    /// What the assistant says, in every message; see [ChatEncoder].
    ASSISTANT,
    /// What the assistant says in its last message.
    LAST,
    /// The whole text, the template's own included.
    ALL;

    /// The words of recipes and commands, in this order.
    public static List<String> words() {
        return Stream.of(values()).map(TrainOn::word).toList();
    }

    /// The part that a word stands for.
    public static Optional<TrainOn> of(String word) {
        return Stream.of(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
