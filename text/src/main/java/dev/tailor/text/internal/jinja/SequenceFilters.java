package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Cursor;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.DictView;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Operators;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.None;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Filters on lists and dicts that keep, order or count what is in them.
final class SequenceFilters {
    private SequenceFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("list", (i, a, r) -> new Sequence.ListValue(Iteration.list(i, r.budget())));
        filters.put("first", SequenceFilters::first);
        filters.put("last", SequenceFilters::last);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("items", SequenceFilters::items);
        filters.put("sort", SequenceFilters::sort);
        filters.put("dictsort", SequenceFilters::dictSort);
        filters.put("min", (input, a, r) -> extreme(input, a, r, -1));
        filters.put("max", (input, a, r) -> extreme(input, a, r, 1));
        filters.put("sum", SequenceFilters::sum);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
    }

    private static Value length(Value input, Arguments arguments, Runtime runtime) {
        int length = Iteration.length(input);
        if (length < 0) {
            throw Refusal.of("object of type '" + input.typeName() + "' has no len()");
        }
        return Int.of(length);
    }

    private static Value first(Value input, Arguments arguments, Runtime runtime) {
        Iterator<Value> elements = Iteration.over(input);
        return elements.hasNext()
                ? elements.next()
                : Undefined.because("No first item, sequence was empty.");
    }

    private static Value last(Value input, Arguments arguments, Runtime runtime) {
        if (input instanceof Cursor cursor) {
            throw Refusal.of("'" + cursor.typeName() + "' object is not reversible");
        }
        List<Value> elements = Iteration.list(input, runtime.budget());
        return elements.isEmpty()
                ? Undefined.because("No last item, sequence was empty.")
                : elements.getLast();
    }

    private static Value reverse(Value input, Arguments arguments, Runtime runtime) {
        if (input instanceof Text text) {
            return Operators.slice(text, None.NONE, None.NONE, Int.of(-1), runtime.budget());
        }
        if (Iteration.ifIterable(input) == null) {
            throw Refusal.of("argument must be iterable");
        }
        boolean once = input instanceof Cursor;
        List<Value> reversed = new ArrayList<>(Iteration.list(input, runtime.budget()));
        Collections.reverse(reversed);
        return once
                ? new Sequence.ListValue(reversed)
                : new Cursor(input.typeName() + "_reverseiterator", reversed.iterator());
    }

    private static Value items(Value input, Arguments arguments, Runtime runtime) {
        if (input instanceof Undefined) {
            return Cursor.generator(Collections.emptyIterator());
        }
        if (!(input instanceof Dict dict)) {
            throw Refusal.of("Can only get item pairs from a mapping.");
        }
        return Cursor.generator(new DictView(dict, DictView.Part.ITEMS).elements().iterator());
    }

    /// What upper and lower case are to count as when they do not matter.
    static Value withoutCase(Value value) {
        return value instanceof Text text ? text.derived(TextCase.lower(text.chars())) : value;
    }

    private static Value sort(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseMatters = bound.truth("case_sensitive", false);
        List<AttributePath> paths = AttributePath.several(bound.get("attribute", None.NONE));
        return new Sequence.ListValue(
                sorted(
                        Iteration.list(input, runtime.budget()),
                        element -> {
                            List<Value> keys = new ArrayList<>();
                            for (AttributePath path : paths) {
                                Value key = path.get(element, runtime);
                                keys.add(caseMatters ? key : withoutCase(key));
                            }
                            return new Sequence.ListValue(keys);
                        },
                        bound.truth("reverse", false),
                        runtime));
    }

    /// Sorts by keys that are computed once for each element; equal ones stay in order.
    static List<Value> sorted(
            List<Value> elements, Function<Value, Value> key, boolean reverse, Runtime runtime) {
        record Keyed(Value key, Value element) {}
        List<Keyed> keyed = new ArrayList<>();
        for (Value element : elements) {
            keyed.add(new Keyed(key.apply(element), element));
        }
        Comparator<Keyed> order = (a, b) -> runtime.comparison().compare(a.key(), b.key());
        keyed.sort(reverse ? order.reversed() : order);
        List<Value> sorted = new ArrayList<>();
        keyed.forEach(one -> sorted.add(one.element()));
        return sorted;
    }

    private static Value dictSort(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        String by = bound.text("by", Text.of("key")).chars();
        if (!by.equals("key") && !by.equals("value")) {
            throw Refusal.of("You can only sort by either \"key\" or \"value\"");
        }
        if (input instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!(input instanceof Dict dict)) {
            throw Refusal.of("'" + input.typeName() + "' object has no attribute 'items'");
        }
        boolean caseMatters = bound.truth("case_sensitive", false);
        return new Sequence.ListValue(
                sorted(
                        new DictView(dict, DictView.Part.ITEMS).elements(),
                        pair -> {
                            Value key = ((Sequence) pair).get(by.equals("key") ? 0 : 1);
                            return caseMatters ? key : withoutCase(key);
                        },
                        bound.truth("reverse", false),
                        runtime));
    }

    private static Value extreme(Value input, Arguments arguments, Runtime runtime, int sign) {
        var bound = arguments.bind(sign < 0 ? "min" : "max", 0, "case_sensitive", "attribute");
        AttributePath path = AttributePath.of(bound.get("attribute", None.NONE));
        boolean caseMatters = bound.truth("case_sensitive", false);
        Value best = Undefined.because("No aggregated item, sequence was empty.");
        Value bestKey = None.NONE;
        boolean first = true;
        for (Value element : Iteration.list(input, runtime.budget())) {
            Value key = path.get(element, runtime);
            key = caseMatters ? key : withoutCase(key);
            if (first || runtime.comparison().compare(key, bestKey) * sign > 0) {
                best = element;
                bestKey = key;
            }
            first = false;
        }
        return best;
    }

    private static Value sum(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("sum", 0, "attribute", "start");
        AttributePath path = AttributePath.of(bound.get("attribute", None.NONE));
        Value sum = bound.get("start", Int.of(0));
        if (sum instanceof Text) {
            throw Refusal.of("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Value element : Iteration.list(input, runtime.budget())) {
            sum = Operators.apply("+", sum, path.get(element, runtime), runtime.budget());
        }
        return sum;
    }

    private static Value batch(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("batch", 1, "linecount", "fill_with");
        int size = bound.integer("linecount", 1);
        List<Value> all = Iteration.list(input, runtime.budget());
        List<Value> rows = new ArrayList<>();
        for (int from = 0; from < all.size(); from += Math.max(1, size)) {
            int to = Math.min(all.size(), from + Math.max(1, size));
            List<Value> row = new ArrayList<>(all.subList(from, to));
            while (bound.has("fill_with") && row.size() < size) {
                runtime.budget().step();
                row.add(bound.get("fill_with", None.NONE));
            }
            rows.add(new Sequence.ListValue(row));
        }
        return Cursor.generator(rows.iterator());
    }

    private static Value slice(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("slice", 1, "slices", "fill_with");
        int slices = bound.integer("slices", 1);
        if (slices == 0) {
            throw Refusal.of("integer division or modulo by zero");
        }
        List<Value> all = Iteration.list(input, runtime.budget());
        List<Value> columns = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < slices; i++) {
            runtime.budget().step();
            boolean longer = i < all.size() % slices;
            int to = at + all.size() / slices + (longer ? 1 : 0);
            List<Value> column = new ArrayList<>(all.subList(at, to));
            if (bound.has("fill_with") && !longer) {
                column.add(bound.get("fill_with", None.NONE));
            }
            columns.add(new Sequence.ListValue(column));
            at = to;
        }
        return Cursor.generator(columns.iterator());
    }
}
