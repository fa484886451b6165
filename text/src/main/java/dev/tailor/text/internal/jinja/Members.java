package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.BraceFormat;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.DictView;
import dev.tailor.text.internal.jinja.value.Numbers;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Repr;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Structure;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Set;

/// `value.name` and `value[key]` in the immutable sandbox: the dot prefers attributes and the
/// bracket items; what would change a list or dict does not exist, nor does anything private.
final class Members {
    private static final Set<String> LIST_CHANGES =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
    private static final Set<String> DICT_CHANGES =
            Set.of("clear", "pop", "popitem", "setdefault", "update");

    private final Runtime runtime;

    Members(Runtime runtime) {
        this.runtime = runtime;
    }

    /// How `str.format` reaches into values.
    BraceFormat.Access access() {
        return new BraceFormat.Access(this::attribute, this::item);
    }

    /// `value.name`.
    Value attribute(Value value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Value attribute = own(value, name);
        if (attribute != null) {
            return attribute;
        }
        Value item = value instanceof Dict dict ? dict.get(name) : null;
        return item != null ? item : missing(value, Text.of(name));
    }

    /// `value[key]`.
    Value item(Value value, Value key) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Value item =
                switch (value) {
                    case Dict dict when isHashable(key) -> dict.get(key);
                    case Sequence sequence -> element(sequence, key);
                    case Text text -> character(text, key);
                    default -> null;
                };
        if (item == null && key instanceof Text name) {
            item = own(value, name.chars());
        }
        return item != null ? item : missing(value, key);
    }

    /// `value|attr(name)`: an attribute, never an item.
    Value onlyAttribute(Value value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Value attribute = own(value, name);
        return attribute != null ? attribute : missing(value, Text.of(name));
    }

    private static boolean isHashable(Value key) {
        return !(key instanceof Sequence.ListValue)
                && !(key instanceof Dict)
                && !(key instanceof DictView);
    }

    private static @Nullable Value element(Sequence sequence, Value key) {
        int index = index(key, sequence.size());
        return index < 0 ? null : sequence.get(index);
    }

    private static @Nullable Value character(Text text, Value key) {
        int index = index(key, text.codePoints());
        return index < 0 ? null : text.codePointSlice(index, index + 1);
    }

    private static int index(Value key, int size) {
        BigInteger index = Numbers.integer(key);
        if (index == null || index.bitLength() > 31) {
            return -1;
        }
        int at = index.intValue() < 0 ? index.intValue() + size : index.intValue();
        return at < size ? at : -1;
    }

    private Undefined missing(Value value, Value key) {
        return Undefined.member(value, Repr.repr(key, runtime.budget()).chars());
    }

    private @Nullable Value own(Value value, String name) {
        if (name.startsWith("__")) {
            return unsafe(value, name);
        }
        return switch (value) {
            case Text text -> TextMethods.bound(text, name, runtime);
            case Dict dict ->
                    DICT_CHANGES.contains(name) ? unsafe(dict, name) : dictMethod(dict, name);
            case Sequence.ListValue list ->
                    LIST_CHANGES.contains(name) ? unsafe(list, name) : listMethod(list, name);
            case Sequence.Tuple tuple ->
                    tuple.names().contains(name)
                            ? tuple.get(tuple.names().indexOf(name))
                            : listMethod(tuple, name);
            case Sequence.Range range ->
                    switch (name) {
                        case "start" -> Value.Int.of(range.start());
                        case "stop" -> Value.Int.of(range.stop());
                        case "step" -> Value.Int.of(range.step());
                        default -> listMethod(range, name);
                    };
            case Structure structure -> structure.attribute(name);
            case Callable callable -> callable.attribute(name);
            default -> null;
        };
    }

    private static Undefined unsafe(Value value, String name) {
        return Undefined.because(
                "access to attribute '"
                        + name
                        + "' of '"
                        + value.typeName()
                        + "' object is unsafe.");
    }

    private @Nullable Value dictMethod(Dict dict, String name) {
        return switch (name) {
            case "get" -> new Builtin(name, arguments -> get(dict, arguments));
            case "keys" -> view(dict, name, DictView.Part.KEYS);
            case "values" -> view(dict, name, DictView.Part.VALUES);
            case "items" -> view(dict, name, DictView.Part.ITEMS);
            case "copy" -> new Builtin(name, none -> dict);
            default -> null;
        };
    }

    private static Value view(Dict dict, String name, DictView.Part part) {
        return new Builtin(
                name,
                arguments -> {
                    arguments.bind(name, 0);
                    return new DictView(dict, part);
                });
    }

    private static Value get(Dict dict, Arguments arguments) {
        if (!arguments.named().isEmpty()) {
            throw Refusal.of("dict.get() takes no keyword arguments");
        }
        var bound = arguments.bind("get", 1, "key", "default");
        Value value = dict.get(bound.get("key", Value.None.NONE));
        return value != null ? value : bound.get("default", Value.None.NONE);
    }

    private @Nullable Value listMethod(Sequence sequence, String name) {
        return switch (name) {
            case "index" -> new Builtin(name, arguments -> indexOf(sequence, arguments));
            case "count" -> new Builtin(name, arguments -> count(sequence, arguments));
            case "copy" ->
                    sequence instanceof Sequence.ListValue
                            ? new Builtin(name, none -> sequence)
                            : null;
            default -> null;
        };
    }

    private Value indexOf(Sequence sequence, Arguments arguments) {
        var bound = arguments.bind("index", 1, "value", "start", "stop");
        Value wanted = bound.get("value", Value.None.NONE);
        int from = bound.integer("start", 0);
        int to = bound.integer("stop", sequence.size());
        for (int i = Math.max(0, from < 0 ? from + sequence.size() : from);
                i < Math.min(sequence.size(), to < 0 ? to + sequence.size() : to);
                i++) {
            if (runtime.comparison().equal(sequence.get(i), wanted)) {
                return Value.Int.of(i);
            }
        }
        throw Refusal.of(Repr.repr(wanted, runtime.budget()) + " is not in " + sequence.typeName());
    }

    private Value count(Sequence sequence, Arguments arguments) {
        Value wanted = arguments.bind("count", 1, "value").get("value", Value.None.NONE);
        int count = 0;
        for (int i = 0; i < sequence.size(); i++) {
            count += runtime.comparison().equal(sequence.get(i), wanted) ? 1 : 0;
        }
        return Value.Int.of(count);
    }
}
