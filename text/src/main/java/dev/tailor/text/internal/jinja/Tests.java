package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Numbers;
import dev.tailor.text.internal.jinja.value.Operators;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Bool;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.None;
import dev.tailor.text.internal.jinja.value.Value.Real;

import java.util.Map;
import java.util.function.Predicate;

/// The tests: `input is name(arguments)`.
final class Tests {
    /// A test.
    @FunctionalInterface
    interface Test {
        boolean holds(Value input, Arguments arguments, Runtime runtime);
    }

    static final Map<String, Test> ALL =
            Map.ofEntries(
                    simple("defined", value -> !(value instanceof Undefined)),
                    simple("undefined", value -> value instanceof Undefined),
                    simple("none", value -> value == None.NONE),
                    simple("boolean", value -> value instanceof Bool),
                    simple("true", value -> value == Bool.TRUE),
                    simple("false", value -> value == Bool.FALSE),
                    simple("integer", value -> value instanceof Int),
                    simple("float", value -> value instanceof Real),
                    simple("number", Numbers::isNumber),
                    simple("string", value -> value instanceof Text),
                    simple("mapping", value -> value instanceof Dict),
                    simple("sequence", Tests::isSequence),
                    simple("iterable", Tests::isIterable),
                    simple("callable", v -> v instanceof Callable || v instanceof Undefined),
                    simple("escaped", value -> value instanceof Text text && text.isMarkup()),
                    simple(
                            "filter",
                            v -> v instanceof Text t && Filters.ALL.containsKey(t.chars())),
                    simple("test", v -> v instanceof Text t && Tests.isKnown(t.chars())),
                    Map.entry("lower", (v, a, r) -> TextCase.isLower(r.str(v).chars())),
                    Map.entry("upper", (v, a, r) -> TextCase.isUpper(r.str(v).chars())),
                    Map.entry("odd", (v, a, r) -> remainder(v, Int.of(2), r).equals(Int.of(1))),
                    Map.entry("even", (v, a, r) -> isZero(remainder(v, Int.of(2), r))),
                    Map.entry("divisibleby", (v, a, r) -> isZero(remainder(v, other(a), r))),
                    Map.entry("sameas", (v, a, r) -> r.comparison().identical(v, other(a))),
                    Map.entry("in", (v, a, r) -> r.comparison().contains(other(a), v)),
                    comparison("==", "=="),
                    comparison("eq", "=="),
                    comparison("equalto", "=="),
                    comparison("!=", "!="),
                    comparison("ne", "!="),
                    comparison(">", ">"),
                    comparison("gt", ">"),
                    comparison("greaterthan", ">"),
                    comparison(">=", ">="),
                    comparison("ge", ">="),
                    comparison("<", "<"),
                    comparison("lt", "<"),
                    comparison("lessthan", "<"),
                    comparison("<=", "<="),
                    comparison("le", "<="));

    private Tests() {}

    private static boolean isKnown(String name) {
        return ALL.containsKey(name);
    }

    private static Map.Entry<String, Test> simple(String name, Predicate<Value> predicate) {
        return Map.entry(
                name,
                (value, arguments, runtime) -> {
                    arguments.bind(name, 0);
                    return predicate.test(value);
                });
    }

    private static Map.Entry<String, Test> comparison(String name, String operator) {
        return Map.entry(name, (v, a, r) -> r.comparison().holds(operator, v, other(a)));
    }

    private static Value other(Arguments arguments) {
        return arguments.bind("test", 1, "other").get("other", None.NONE);
    }

    private static Value remainder(Value value, Value divisor, Runtime runtime) {
        return Operators.apply("%", value, divisor, runtime.budget());
    }

    private static boolean isZero(Value value) {
        return Numbers.isNumber(value) && !value.truth();
    }

    private static boolean isSequence(Value value) {
        return value instanceof Text
                || value instanceof Sequence
                || value instanceof Dict
                || value instanceof Undefined;
    }

    private static boolean isIterable(Value value) {
        return Iteration.ifIterable(value) != null || value instanceof Loop;
    }
}
