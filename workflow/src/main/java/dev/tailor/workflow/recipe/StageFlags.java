package dev.tailor.workflow.recipe;

import dev.tailor.workflow.internal.keys.Key;
import dev.tailor.workflow.internal.keys.KeyType;
import dev.tailor.workflow.internal.keys.Shape;
import dev.tailor.workflow.internal.keys.Standard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The settings of a training stage as flags of a command line, from the table that the recipe's
/// reader works by: what a recipe calls `learning-rate` is the flag `learning-rate`, and what it
/// calls `rank` within `tune: {lora: ...}` is `lora-rank`.
public final class StageFlags {
    /// Keys that a command line says otherwise.
    private static final Set<String> ELSEWHERE = Set.of("id", "from", "data", "evaluation", "seed");

    private StageFlags() {}

    /// A setting.
    ///
    /// @param name the flag, without dashes
    /// @param tuning the way of tuning it belongs to, such as `lora`; empty for the stage's own
    /// @param key the key in the recipe
    /// @param value what it takes, in capitals
    /// @param doc what it does, and what holds without it
    public record Flag(
            String name, Optional<String> tuning, String key, String value, String doc) {}

    /// The flags of a kind of stage: `cpt`, `sft`, `dpo`, `kto` or `distill`.
    public static List<Flag> of(String kind) {
        Shape shape = RecipeKeys.STAGES.get(kind);
        if (shape == null) {
            throw new IllegalArgumentException("no kind of stage: " + kind);
        }
        List<Flag> flags = new ArrayList<>();
        for (Key key : shape.keys()) {
            if (!ELSEWHERE.contains(key.name())) {
                flags.add(flag(key, Optional.empty()));
            }
            if (key.name().equals("tune") && key.type() instanceof KeyType.Variants tunings) {
                tunings.shapes()
                        .forEach((name, tuning) ->
                                tuning.keys()
                                        .forEach(inner ->
                                                flags.add(flag(inner, Optional.of(name)))));
            }
        }
        return flags;
    }

    private static Flag flag(Key key, Optional<String> tuning) {
        String standard =
                switch (key.standard()) {
                    case Standard.Fixed fixed -> " (default: " + text(fixed.value()) + ")";
                    case Standard.Derived derived -> " (default: " + derived.description() + ")";
                    case Standard.Required _, Standard.Absent _ -> "";
                };
        String name = tuning.map(it -> it + "-" + key.name()).orElse(key.name());
        return new Flag(name, tuning, key.name(), value(key.type()), key.doc() + standard);
    }

    private static String text(Object value) {
        return value instanceof List<?> list && list.size() == 1
                ? String.valueOf(list.getFirst())
                : String.valueOf(value);
    }

    private static String value(KeyType type) {
        return switch (type) {
            case KeyType.Whole _ -> "N";
            case KeyType.Real _ -> "X";
            case KeyType.Flag _ -> "true|false";
            case KeyType.Choice choice -> String.join("|", choice.words());
            case KeyType.Variants variants -> String.join("|", variants.shapes().keySet());
            case KeyType.Items _ -> "LIST";
            case KeyType.Entries _, KeyType.Nested _ -> "MAP";
            case KeyType.Weights _ -> "WORD|MAP";
            case KeyType.Text _, KeyType.Pattern _, KeyType.Free _ -> "TEXT";
        };
    }
}
