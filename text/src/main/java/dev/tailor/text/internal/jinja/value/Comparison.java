package dev.tailor.text.internal.jinja.value;

import dev.tailor.text.internal.jinja.value.Sequence.ListValue;
import dev.tailor.text.internal.jinja.value.Sequence.Range;
import dev.tailor.text.internal.jinja.value.Sequence.Tuple;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.Objects;

/// Python's `==`, `<`, `in` and `is`.
public final class Comparison {
    private final Budget budget;

    /// Comparisons that count their steps.
    public Comparison(Budget budget) {
        this.budget = budget;
    }

    /// `left operator right` for `== != < <= > >= in notin`.
    public boolean holds(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "notin" -> !contains(right, left);
            case "<", "<=", ">", ">=" -> ordered(operator, left, right);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    /// Whether Python finds the values equal.
    public boolean equal(Value left, Value right) {
        budget.enter();
        try {
            return isEqual(left, right);
        } finally {
            budget.leave();
        }
    }

    private boolean isEqual(Value left, Value right) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            Integer order = Numbers.compare(left, right);
            return order != null && order == 0;
        }
        return switch (left) {
            case Text a -> {
                budget.spend(a.length() / 64);
                yield right instanceof Text b && a.chars().equals(b.chars());
            }
            case ListValue a -> right instanceof ListValue b && equalElements(a, b);
            case Tuple a -> right instanceof Tuple b && equalElements(a, b);
            case Range a -> right instanceof Range b && equalElements(a, b);
            case Dict a -> right instanceof Dict b && equalEntries(a, b);
            case DictView a ->
                    right instanceof DictView b && a.part() == b.part() && a.dict() == b.dict();
            case Undefined a -> right instanceof Undefined;
            default -> left == right;
        };
    }

    private boolean equalElements(Sequence left, Sequence right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean equalEntries(Dict left, Dict right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Dict.Entry entry : left.entries()) {
            Value other = right.get(entry.key());
            if (other == null || !same(entry.value(), other)) {
                return false;
            }
        }
        return true;
    }

    private boolean same(Value left, Value right) {
        return left == right || equal(left, right);
    }

    /// `left is right`: the same object, for which equal texts and numbers of a type pass.
    public boolean identical(Value left, Value right) {
        return left == right
                || (left.getClass() == right.getClass()
                        && (left instanceof Text || Numbers.isNumber(left))
                        && equal(left, right));
    }

    private boolean ordered(String operator, Value left, Value right) {
        Integer order = order(operator, left, right);
        if (order == null) {
            return false;
        }
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /// The order of two values for sorting.
    public int compare(Value left, Value right) {
        Integer order = order("<", left, right);
        return order == null ? 0 : order;
    }

    private @Nullable Integer order(String operator, Value left, Value right) {
        budget.step();
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof Text a && right instanceof Text b) {
            return compareCodePoints(a.chars(), b.chars());
        }
        if ((left instanceof ListValue && right instanceof ListValue)
                || (left instanceof Tuple && right instanceof Tuple)) {
            return orderOfElements(operator, (Sequence) left, (Sequence) right);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw Refusal.of(
                "'"
                        + operator
                        + "' not supported between instances of '"
                        + left.typeName()
                        + "' and '"
                        + right.typeName()
                        + "'");
    }

    private @Nullable Integer orderOfElements(String operator, Sequence left, Sequence right) {
        budget.enter();
        try {
            int shorter = Math.min(left.size(), right.size());
            for (int i = 0; i < shorter; i++) {
                if (!same(left.get(i), right.get(i))) {
                    return order(operator, left.get(i), right.get(i));
                }
            }
            return Integer.compare(left.size(), right.size());
        } finally {
            budget.leave();
        }
    }

    private static int compareCodePoints(String left, String right) {
        int shorter = Math.min(left.length(), right.length());
        for (int i = 0; i < shorter; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /// `element in container`.
    public boolean contains(Value container, Value element) {
        return switch (container) {
            case Text text -> {
                if (!(element instanceof Text part)) {
                    throw Refusal.of(
                            "'in <string>' requires string as left operand, not "
                                    + element.typeName());
                }
                budget.spend(text.length() / 64);
                yield text.chars().contains(part.chars());
            }
            case Dict dict -> dict.get(element) != null;
            case DictView view when view.part() == DictView.Part.KEYS ->
                    view.dict().get(element) != null;
            case Undefined undefined -> false;
            default ->
                    containsElement(
                            Iteration.over(container, "argument of type '%s' is not iterable"),
                            element);
        };
    }

    private boolean containsElement(Iterator<Value> elements, Value element) {
        while (elements.hasNext()) {
            if (same(Objects.requireNonNull(elements.next()), element)) {
                return true;
            }
        }
        return false;
    }
}
