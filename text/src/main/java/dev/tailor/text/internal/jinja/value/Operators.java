package dev.tailor.text.internal.jinja.value;

import dev.tailor.text.internal.jinja.value.Sequence.ListValue;
import dev.tailor.text.internal.jinja.value.Sequence.Tuple;

import java.util.ArrayList;
import java.util.List;

/// Python's `+ - * / // % **`, negation and slices.
public final class Operators {
    private Operators() {}

    /// `left operator right`.
    public static Value apply(String operator, Value left, Value right, Budget budget) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.apply(operator, left, right);
        }
        if (left instanceof Text format && operator.equals("%")) {
            return PercentFormat.format(format, right, budget);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        return switch (operator) {
            case "+" -> add(left, right, budget);
            case "*" -> multiply(left, right, budget);
            default -> throw Refusal.operator(operator, left, right);
        };
    }

    private static Value add(Value left, Value right, Budget budget) {
        if (left instanceof Text a) {
            if (right instanceof Text b) {
                return concatenate(a, b, budget);
            }
            throw Refusal.of("can only concatenate str (not \"" + right.typeName() + "\") to str");
        }
        if (left instanceof ListValue a && right instanceof ListValue b) {
            return new ListValue(joined(a, b, budget));
        }
        if (left instanceof Tuple a && right instanceof Tuple b) {
            return new Tuple(joined(a, b, budget), List.of());
        }
        throw Refusal.operator("+", left, right);
    }

    private static Text concatenate(Text a, Text b, Budget budget) {
        if (a.isMarkup() != b.isMarkup()) {
            return concatenate(Html.escape(a), Html.escape(b), budget);
        }
        if (a.length() == 0) {
            return b;
        }
        Text sum = b.length() == 0 ? a : new TextBuilder(budget).append(a).append(b).text();
        return a.isMarkup() ? sum.asMarkup() : sum;
    }

    private static List<Value> joined(Sequence a, Sequence b, Budget budget) {
        budget.spend(a.size() + (long) b.size());
        List<Value> all = new ArrayList<>(a.elements());
        all.addAll(b.elements());
        return all;
    }

    private static Value multiply(Value left, Value right, Budget budget) {
        Value many = Numbers.integer(left) == null ? left : right;
        Value count = many == left ? right : left;
        if (Numbers.integer(count) == null) {
            throw Refusal.operator("*", left, right);
        }
        int times = Math.max(0, Numbers.index(count));
        return switch (many) {
            case Text text -> new TextBuilder(budget).repeat(text, times).text();
            case ListValue list -> new ListValue(repeated(list, times, budget));
            case Tuple tuple -> new Tuple(repeated(tuple, times, budget), List.of());
            default -> throw Refusal.operator("*", left, right);
        };
    }

    private static List<Value> repeated(Sequence sequence, int times, Budget budget) {
        budget.spend((long) sequence.size() * times);
        List<Value> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            all.addAll(sequence.elements());
        }
        return all;
    }

    /// `-value` or `+value`.
    public static Value sign(boolean negative, Value value) {
        if (value instanceof Value.Real real) {
            return negative ? new Value.Real(-real.value()) : real;
        }
        var integer = Numbers.integer(value);
        if (integer != null) {
            return new Value.Int(negative ? integer.negate() : integer);
        }
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw Refusal.of(
                "bad operand type for unary "
                        + (negative ? "-" : "+")
                        + ": '"
                        + value.typeName()
                        + "'");
    }

    /// `value[start:stop:step]`; `None` stands for a bound that was left out.
    public static Value slice(Value value, Value start, Value stop, Value step, Budget budget) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!(value instanceof Text) && !(value instanceof Sequence)) {
            throw Refusal.of("'" + value.typeName() + "' object cannot be sliced");
        }
        int length = Iteration.length(value);
        int by = step == Value.None.NONE ? 1 : bound(step);
        if (by == 0) {
            throw Refusal.of("slice step cannot be zero");
        }
        int from =
                by > 0
                        ? clamp(start, 0, length, 0, length)
                        : clamp(start, length - 1, length, -1, length - 1);
        int to =
                by > 0
                        ? clamp(stop, length, length, 0, length)
                        : clamp(stop, -1, length, -1, length - 1);
        if (value instanceof Text text) {
            return slice(text, from, to, by, budget);
        }
        if (value instanceof Sequence.Range range) {
            long first = range.start() + from * range.step();
            return Sequence.Range.of(first, range.start() + to * range.step(), range.step() * by);
        }
        Sequence sequence = (Sequence) value;
        List<Value> part = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            budget.step();
            part.add(sequence.get((int) i));
        }
        return value instanceof Tuple ? new Tuple(part, List.of()) : new ListValue(part);
    }

    private static Text slice(Text text, int from, int to, int by, Budget budget) {
        budget.spend(text.length() / 64);
        if (by == 1) {
            return text.codePointSlice(from, to);
        }
        TextBuilder part = new TextBuilder(budget);
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            part.append(text.codePointSlice((int) i, (int) i + 1));
        }
        return part.text();
    }

    private static int clamp(Value bound, int missing, int length, int low, int high) {
        if (bound == Value.None.NONE) {
            return missing;
        }
        long at = bound(bound);
        return (int) Math.clamp(at < 0 ? at + length : at, low, Math.max(low, high));
    }

    private static int bound(Value value) {
        var integer = Numbers.integer(value);
        if (integer == null) {
            if (value instanceof Undefined undefined) {
                throw undefined.failure();
            }
            throw Refusal.of("slice indices must be integers or None");
        }
        return integer.bitLength() > 30
                ? (integer.signum() < 0 ? -(1 << 30) : 1 << 30)
                : integer.intValue();
    }
}
