package dev.tailor.text.internal.jinja.value;

import java.util.ArrayList;
import java.util.List;

/// Values in order: a list, a tuple or a range.
public sealed interface Sequence extends Value {
    /// How many there are.
    int size();

    /// The one at an index from 0 on.
    Value get(int index);

    @Override
    default boolean truth() {
        return size() > 0;
    }

    /// All of them as a Java list.
    default List<Value> elements() {
        List<Value> all = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            all.add(get(i));
        }
        return all;
    }

    /// A Python `list`.
    record ListValue(List<Value> elements) implements Sequence {
        @Override
        public int size() {
            return elements.size();
        }

        @Override
        public Value get(int index) {
            return elements.get(index);
        }

        @Override
        public String typeName() {
            return "list";
        }
    }

    /// A Python `tuple`; `names` are the attributes of a named one, else empty.
    record Tuple(List<Value> elements, List<String> names) implements Sequence {
        /// A tuple without names.
        public static Tuple of(Value... elements) {
            return new Tuple(List.of(elements), List.of());
        }

        @Override
        public int size() {
            return elements.size();
        }

        @Override
        public Value get(int index) {
            return elements.get(index);
        }

        @Override
        public String typeName() {
            return "tuple";
        }
    }

    /// A Python `range`.
    record Range(long start, long stop, long step, int size) implements Sequence {
        /// Jinja's sandbox allows no longer range.
        private static final long MAX_SIZE = 100_000;

        /// The range of these bounds.
        public static Range of(long start, long stop, long step) {
            if (step == 0) {
                throw Refusal.of("range() arg 3 must not be zero");
            }
            double count = Math.ceil(((double) stop - start) / step);
            if (count > MAX_SIZE) {
                throw Refusal.of("a range may not be longer than " + MAX_SIZE);
            }
            return new Range(start, stop, step, (int) Math.max(0, count));
        }

        @Override
        public Value get(int index) {
            return Int.of(start + index * step);
        }

        @Override
        public String typeName() {
            return "range";
        }
    }
}
