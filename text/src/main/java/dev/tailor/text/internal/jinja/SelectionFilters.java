package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Cursor;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.None;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// Filters that pick, map and group elements by their attributes. As in Jinja most of them give
/// generators: what is never read is never computed.
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (i, a, r) -> select(i, a, r, false, true));
        filters.put("reject", (i, a, r) -> select(i, a, r, false, false));
        filters.put("selectattr", (i, a, r) -> select(i, a, r, true, true));
        filters.put("rejectattr", (i, a, r) -> select(i, a, r, true, false));
        filters.put("unique", SelectionFilters::unique);
        filters.put("groupby", SelectionFilters::groupBy);
        filters.put("attr", SelectionFilters::attribute);
    }

    /// A generator that does not look at its input before it is read.
    private static Cursor lazy(Value input, Function<Iterator<Value>, Iterator<Value>> elements) {
        return Cursor.generator(
                new Iterator<>() {
                    private Iterator<Value> source = Collections.emptyIterator();
                    private boolean started;

                    private Iterator<Value> source() {
                        if (!started) {
                            started = true;
                            source = elements.apply(Iteration.over(input));
                        }
                        return source;
                    }

                    @Override
                    public boolean hasNext() {
                        return source().hasNext();
                    }

                    @Override
                    public Value next() {
                        return source().next();
                    }
                });
    }

    private static Value map(Value input, Arguments arguments, Runtime runtime) {
        if (!input.truth()) {
            return Cursor.generator(Collections.emptyIterator());
        }
        return lazy(
                input,
                elements -> {
                    Function<Value, Value> mapping = mapping(arguments, runtime);
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return elements.hasNext();
                        }

                        @Override
                        public Value next() {
                            runtime.budget().step();
                            return mapping.apply(elements.next());
                        }
                    };
                });
    }

    private static Function<Value, Value> mapping(Arguments arguments, Runtime runtime) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            var bound = arguments.bind("map", 0, "attribute", "default");
            AttributePath path = AttributePath.of(bound.get("attribute", None.NONE));
            Value otherwise = bound.has("default") ? bound.get("default") : null;
            return element -> path.get(element, otherwise, runtime);
        }
        if (arguments.positional().isEmpty()) {
            throw Refusal.of("map requires a filter argument");
        }
        String name = name(arguments.positional().getFirst(), runtime);
        Arguments rest = after(arguments, 1);
        return element -> runtime.filter(name, element, rest);
    }

    private static String name(Value value, Runtime runtime) {
        return value instanceof Text text ? text.chars() : runtime.str(value).chars();
    }

    private static Arguments after(Arguments arguments, int count) {
        List<Value> positional = arguments.positional();
        return new Arguments(positional.subList(count, positional.size()), arguments.named());
    }

    private static Value select(
            Value input, Arguments arguments, Runtime runtime, boolean byAttribute, boolean keeps) {
        if (!input.truth()) {
            return Cursor.generator(Collections.emptyIterator());
        }
        return lazy(
                input,
                elements -> {
                    Predicate<Value> test = predicate(arguments, runtime, byAttribute);
                    return new Filtered(
                            elements,
                            element -> {
                                runtime.budget().step();
                                return test.test(element) == keeps;
                            });
                });
    }

    private static Predicate<Value> predicate(
            Arguments arguments, Runtime runtime, boolean byAttribute) {
        if (byAttribute && arguments.positional().isEmpty()) {
            throw Refusal.of("Missing parameter for attribute name");
        }
        int offset = byAttribute ? 1 : 0;
        AttributePath path =
                AttributePath.of(byAttribute ? arguments.positional().getFirst() : None.NONE);
        if (arguments.positional().size() == offset) {
            return element -> path.get(element, runtime).truth();
        }
        String name = name(arguments.positional().get(offset), runtime);
        Arguments rest = after(arguments, offset + 1);
        return element -> runtime.test(name, path.get(element, runtime), rest);
    }

    private static Value unique(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        AttributePath path = AttributePath.of(bound.get("attribute", None.NONE));
        boolean caseMatters = bound.truth("case_sensitive", false);
        return lazy(
                input,
                elements -> {
                    Set<Object> seen = new HashSet<>();
                    return new Filtered(
                            elements,
                            element -> {
                                runtime.budget().step();
                                Value key = path.get(element, runtime);
                                return seen.add(
                                        Dict.hashed(
                                                caseMatters
                                                        ? key
                                                        : SequenceFilters.withoutCase(key)));
                            });
                });
    }

    private static Value groupBy(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        AttributePath path = AttributePath.of(bound.get("attribute", None.NONE));
        Value otherwise = bound.has("default") ? bound.get("default") : null;
        boolean caseMatters = bound.truth("case_sensitive", false);
        Function<Value, Value> spelled = element -> path.get(element, otherwise, runtime);
        Function<Value, Value> key =
                caseMatters ? spelled : e -> SequenceFilters.withoutCase(spelled.apply(e));
        List<Value> sorted =
                SequenceFilters.sorted(
                        Iteration.list(input, runtime.budget()), key, false, runtime);
        Map<Object, List<Value>> groups = new LinkedHashMap<>();
        for (Value element : sorted) {
            groups.computeIfAbsent(Dict.hashed(key.apply(element)), k -> new ArrayList<>())
                    .add(element);
        }
        List<Value> tuples = new ArrayList<>();
        for (List<Value> group : groups.values()) {
            tuples.add(
                    new Sequence.Tuple(
                            List.of(spelled.apply(group.getFirst()), new Sequence.ListValue(group)),
                            List.of("grouper", "list")));
        }
        return new Sequence.ListValue(tuples);
    }

    private static Value attribute(Value input, Arguments arguments, Runtime runtime) {
        Text name = arguments.bind("attr", 1, "name").text("name", Text.EMPTY);
        return runtime.members().onlyAttribute(input, name.chars());
    }
}
