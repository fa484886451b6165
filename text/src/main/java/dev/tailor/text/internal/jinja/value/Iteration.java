package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;

/// Python's `iter`, `list` and `len`.
public final class Iteration {
    private Iteration() {}

    /// The elements of a value that can be looped over.
    public static Iterator<Value> over(Value value) {
        return over(value, "'%s' object is not iterable");
    }

    static Iterator<Value> over(Value value, String complaint) {
        Iterator<Value> elements = ifIterable(value);
        if (elements == null) {
            throw Refusal.of(String.format(Locale.ROOT, complaint, value.typeName()));
        }
        return elements;
    }

    /// The elements of a value, or null where it has none.
    public static @Nullable Iterator<Value> ifIterable(Value value) {
        return switch (value) {
            case Text text -> characters(text);
            case Sequence.Range range -> numbers(range);
            case Sequence sequence -> sequence.elements().iterator();
            case Dict dict -> new DictView(dict, DictView.Part.KEYS).elements().iterator();
            case DictView view -> view.elements().iterator();
            case Cursor cursor -> cursor.elements();
            case Undefined undefined -> Collections.emptyIterator();
            case Value.None none -> null;
            case Value.Bool bool -> null;
            case Value.Int number -> null;
            case Value.Real number -> null;
            case Callable callable -> null;
            case Structure structure -> null;
        };
    }

    /// All elements at once.
    public static List<Value> list(Value value, Budget budget) {
        if (value instanceof Sequence.ListValue list) {
            budget.spend(list.size());
            return list.elements();
        }
        List<Value> all = new ArrayList<>();
        Iterator<Value> elements = over(value);
        while (elements.hasNext()) {
            budget.step();
            all.add(elements.next());
        }
        return all;
    }

    /// Python's `len`, or -1 where a value has none.
    public static int length(Value value) {
        return switch (value) {
            case Text text -> text.codePoints();
            case Sequence sequence -> sequence.size();
            case Dict dict -> dict.size();
            case DictView view -> view.dict().size();
            case Undefined undefined -> 0;
            case Structure structure when structure.attribute("length") instanceof Value.Int n ->
                    n.value().intValue();
            default -> -1;
        };
    }

    private static Iterator<Value> numbers(Sequence.Range range) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < range.size();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return range.get(at++);
            }
        };
    }

    private static Iterator<Value> characters(Text text) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < text.length();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int from = at;
                at += Character.charCount(text.chars().codePointAt(from));
                return text.slice(from, at);
            }
        };
    }
}
