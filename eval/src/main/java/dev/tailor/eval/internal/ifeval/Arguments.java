package dev.tailor.eval.internal.ifeval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The arguments of one instruction. Where one is missing the reference draws a random one; here
/// that is an error, for a verdict on a request that nobody made means nothing.
public final class Arguments {
    private final String instruction;
    private final Map<String, ? extends @Nullable Object> values;
    private final Set<String> asked = new LinkedHashSet<>();

    /// Arguments by name; those that are null count as absent, as in the data set's Hub version.
    public Arguments(String instruction, Map<String, ? extends @Nullable Object> values) {
        this.instruction = instruction;
        this.values = values;
    }

    /// A whole number from 0 on.
    int count(String name) {
        if (value(name) instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && number.doubleValue() >= 0
                && number.doubleValue() <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw wrong(name, "a whole number from 0 on");
    }

    /// A text that is not empty.
    String text(String name) {
        if (value(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw wrong(name, "a text");
    }

    /// Texts, at least one and none empty.
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        if (value(name) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof String text && !text.isEmpty()) {
                    texts.add(text);
                } else {
                    throw wrong(name, "a list of texts");
                }
            }
        }
        if (texts.isEmpty()) {
            throw wrong(name, "a list of texts");
        }
        return texts;
    }

    /// `less than` or `at least`.
    Relation relation(String name) {
        return Arrays.stream(Relation.values())
                .filter(relation -> relation.word.equals(value(name)))
                .findFirst()
                .orElseThrow(() -> wrong(name, "'less than' or 'at least'"));
    }

    /// Refuses arguments that the instruction does not take.
    ///
    /// @throws TailorException DATA_INVALID
    public void checkAllAsked() {
        values.forEach((name, value) -> {
            if (value != null && !asked.contains(name)) {
                throw invalid("takes no argument '" + name + "'")
                        .remedy(
                                asked.isEmpty()
                                        ? "it takes no arguments"
                                        : Suggestion.advice(name, asked));
            }
        });
    }

    private @Nullable Object value(String name) {
        asked.add(name);
        return values.get(name);
    }

    private TailorException wrong(String name, String expected) {
        Object value = values.get(name);
        return invalid(
                "needs '" + name + "', " + expected + (value == null ? "" : ", and has " + value));
    }

    private TailorException invalid(String what) {
        return TailorException.of(ErrorCode.DATA_INVALID, "'" + instruction + "' " + what);
    }
}
