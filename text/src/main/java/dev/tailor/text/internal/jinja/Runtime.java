package dev.tailor.text.internal.jinja;

import dev.tailor.core.TailorException;
import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Comparison;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Repr;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import java.time.LocalDateTime;

/// What one rendering shares: its budget, its clock, and the line it is at.
final class Runtime {
    private final Budget budget = new Budget();
    private final Comparison comparison = new Comparison(budget);
    private final Members members = new Members(this);
    private final LocalDateTime now;
    private final boolean strict;
    private int line = 1;

    Runtime(LocalDateTime now, boolean strict) {
        this.now = now;
        this.strict = strict;
    }

    Budget budget() {
        return budget;
    }

    Comparison comparison() {
        return comparison;
    }

    Members members() {
        return members;
    }

    LocalDateTime now() {
        return now;
    }

    int line() {
        return line;
    }

    void at(int newLine) {
        line = newLine;
    }

    Text str(Value value) {
        return Repr.str(existing(value), budget);
    }

    /// Whether a condition takes the value.
    boolean truth(Value value) {
        return existing(value).truth();
    }

    private Value existing(Value value) {
        if (strict && value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        return value;
    }

    /// Calls a value.
    Value call(Value function, Arguments arguments) {
        return switch (function) {
            case Callable callable -> {
                budget.enter();
                Value result = callable.call(arguments);
                budget.leave();
                yield result;
            }
            case Undefined undefined -> throw undefined.failure();
            default -> throw Refusal.of("'" + function.typeName() + "' object is not callable");
        };
    }

    /// Applies a filter by its name.
    Value filter(String name, Value input, Arguments arguments) {
        Filter filter = Filters.ALL.get(name);
        if (filter == null) {
            throw unknown("filter", name);
        }
        if (input instanceof Text text) {
            budget.spend(text.length() / 64);
        }
        return filter.apply(input, arguments, this);
    }

    /// Applies a test by its name.
    boolean test(String name, Value input, Arguments arguments) {
        Tests.Test test = Tests.ALL.get(name);
        if (test == null) {
            throw unknown("test", name);
        }
        return test.holds(input, arguments, this);
    }

    private static TailorException unknown(String kind, String name) {
        return Refusal.of("No " + kind + " named '" + name + "'");
    }
}
