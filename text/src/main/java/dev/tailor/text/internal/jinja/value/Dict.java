package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A Python `dict`: keys in the order they came.
public final class Dict implements Value {
    /// A key with its value.
    public record Entry(Value key, Value value) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    /// An empty dict, to be filled by whoever makes it and by nobody after.
    public Dict() {}

    /// Sets a value. A key that is there keeps its place and its spelling.
    public void put(Value key, Value value) {
        Object hashed = hashed(key);
        Entry old = entries.get(hashed);
        entries.put(hashed, new Entry(old == null ? key : old.key(), value));
    }

    /// The value of a key, or null.
    public @Nullable Value get(Value key) {
        Entry entry = entries.get(hashed(key));
        return entry == null ? null : entry.value();
    }

    /// The value of a text key, or null.
    public @Nullable Value get(String key) {
        Entry entry = entries.get(key);
        return entry == null ? null : entry.value();
    }

    /// Keys and values in order.
    public Collection<Entry> entries() {
        return entries.values();
    }

    /// How many keys it has.
    public int size() {
        return entries.size();
    }

    @Override
    public boolean truth() {
        return !entries.isEmpty();
    }

    @Override
    public String typeName() {
        return "dict";
    }

    /// What stands for a key in a hash map: equal for values that are equal in Python.
    public static Object hashed(Value key) {
        return switch (key) {
            case Text text -> text.chars();
            case Int number -> number.value();
            case Bool bool -> bool.truth() ? BigInteger.ONE : BigInteger.ZERO;
            case Real real -> hashed(real.value());
            case Sequence.Tuple tuple -> {
                List<Object> parts = new ArrayList<>();
                tuple.elements().forEach(element -> parts.add(hashed(element)));
                yield parts;
            }
            case Sequence.ListValue list -> throw unhashable(list);
            case Dict dict -> throw unhashable(dict);
            case DictView view when view.part() != DictView.Part.VALUES -> throw unhashable(view);
            case DictView values -> values;
            case Undefined undefined -> Undefined.class;
            case None none -> none;
            case Sequence.Range range -> range;
            case Cursor cursor -> cursor;
            case Callable callable -> callable;
            case Structure structure -> structure;
        };
    }

    private static Object hashed(double number) {
        return number == Math.rint(number) && !Double.isInfinite(number)
                ? new BigDecimal(number).toBigInteger()
                : (Object) number;
    }

    private static RuntimeException unhashable(Value key) {
        return Refusal.of("unhashable type: '" + key.typeName() + "'");
    }
}
