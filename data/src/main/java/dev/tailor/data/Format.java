package dev.tailor.data;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How rows are laid out.
public enum Format {
    /// A column `text`, or documents.
    TEXT(DataKind.TEXT, "text, or documents"),
    /// A text with questions about it and their answers; without them, only the text.
    AUGMENTED(DataKind.TEXT, "text, pairs: [{question, answer}] [, source]"),
    /// Columns `instruction`, `output` and perhaps `input`, `system`, `history`.
    ALPACA(DataKind.CHAT, "instruction, output [, input, system, history]"),
    /// A list `conversations` of `{from, value}`, perhaps `system` and `tools`.
    SHAREGPT(DataKind.CHAT, "conversations: [{from, value}] [, system, tools]"),
    /// A list `messages` of `{role, content}`, perhaps `tools`.
    MESSAGES(DataKind.CHAT, "messages: [{role, content}] [, tools]"),
    /// Columns `prompt` and `completion`, as text or as messages.
    PROMPT_COMPLETION(DataKind.CHAT, "prompt, completion"),
    /// Columns `question` and `answer`.
    QUESTION_ANSWER(DataKind.CHAT, "question, answer"),
    /// Columns `chosen` and `rejected`, perhaps `prompt`, as text or as messages.
    PREFERENCE(DataKind.PREFERENCE, "chosen, rejected [, prompt]"),
    /// An answer with `label` or `kto_tag`.
    UNPAIRED(DataKind.UNPAIRED, "prompt, completion, label");

    private final DataKind kind;
    private final String columns;

    Format(DataKind kind, String columns) {
        this.kind = kind;
        this.columns = columns;
    }

    /// What data in this format teaches.
    public DataKind kind() {
        return kind;
    }

    /// The columns, for people.
    public String columns() {
        return columns;
    }

    /// The name that recipes use: lower case, words joined by `-`.
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The format of a name in a recipe.
    ///
    /// @throws TailorException `CONFIG_INVALID` with the nearest known name
    public static Format parse(String name) {
        String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
        return switch (wanted) {
            case "kto" -> UNPAIRED;
            case "dpo" -> PREFERENCE;
            default ->
                    Arrays.stream(values())
                            .filter(format -> format.id().equals(wanted))
                            .findFirst()
                            .orElseThrow(() -> unknown(name));
        };
    }

    private static TailorException unknown(String name) {
        List<String> known = Arrays.stream(values()).map(Format::id).toList();
        return TailorException.of(ErrorCode.CONFIG_INVALID, "unknown data format '" + name + "'")
                .remedy(Suggestion.advice(name, known));
    }
}
