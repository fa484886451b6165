package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Mark;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Bool;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.None;
import dev.tailor.text.internal.jinja.value.Value.Real;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns what the caller gives into values, and marks what is data.
///
/// Every text is data but those whose name ends in `_token` (`bos_token`), which come from the
/// model's own configuration, and the roles of messages where they are plain words.
final class Variables {
    private static final int MAX_DEPTH = 100;

    private Variables() {}

    /// The values of a rendering's variables.
    static Map<String, Value> of(Map<String, ?> given) {
        Map<String, Value> variables = new HashMap<>();
        given.forEach((name, value) ->
                variables.put(
                        name,
                        name.equals("messages") && value instanceof List<?> messages
                                ? messages(messages)
                                : name.endsWith("_token") && value instanceof String token
                                        ? Text.of(token)
                                        : value(value, Mark.DATA, 0)));
        return variables;
    }

    private static Value messages(List<?> messages) {
        List<Value> values = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            Object message = messages.get(i);
            values.add(
                    message instanceof Map<?, ?> fields
                            ? message(fields, i)
                            : value(message, Mark.DATA, 0));
        }
        return new Sequence.ListValue(values);
    }

    private static Value message(Map<?, ?> fields, int index) {
        Dict dict = new Dict();
        fields.forEach((key, value) -> {
            Value converted =
                    key.equals("role") && value instanceof String role && isWord(role)
                            ? Text.of(role)
                            : value(value, key.equals("content") ? index : Mark.DATA, 0);
            dict.put(key(key), converted);
        });
        return dict;
    }

    private static boolean isWord(String role) {
        return role.length() <= 64
                && role.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z')
                                        || (c >= 'A' && c <= 'Z')
                                        || (c >= '0' && c <= '9')
                                        || c == '_'
                                        || c == '-');
    }

    private static Value value(@Nullable Object given, int source, int depth) {
        if (depth > MAX_DEPTH) {
            throw Refusal.limit("data nested more than " + MAX_DEPTH + " levels deep");
        }
        return switch (given) {
            case null -> None.NONE;
            case String text -> Text.data(text, source);
            case Boolean bool -> Bool.of(bool);
            case BigInteger number -> new Int(number);
            case Double number -> new Real(number);
            case Float number -> new Real(number);
            case BigDecimal number -> new Real(number.doubleValue());
            case Number number -> Int.of(number.longValue());
            case List<?> list -> {
                List<Value> values = new ArrayList<>(list.size());
                for (Object element : list) {
                    values.add(value(element, source, depth + 1));
                }
                yield new Sequence.ListValue(values);
            }
            case Map<?, ?> map -> {
                Dict dict = new Dict();
                map.forEach((key, value) -> dict.put(key(key), value(value, source, depth + 1)));
                yield dict;
            }
            default ->
                    throw new IllegalArgumentException(
                            "not a JSON-like value: " + given.getClass().getName());
        };
    }

    private static Value key(Object key) {
        return key instanceof String text ? Text.data(text, Mark.DATA) : value(key, Mark.DATA, 0);
    }
}
