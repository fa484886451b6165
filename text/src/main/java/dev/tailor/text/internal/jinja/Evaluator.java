package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.syntax.Expression;
import dev.tailor.text.internal.jinja.syntax.Expression.CallArguments;
import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Operators;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Bool;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Evaluates expressions.
final class Evaluator {
    private final Runtime runtime;

    Evaluator(Runtime runtime) {
        this.runtime = runtime;
    }

    /// The value of an expression.
    Value value(Expression node, Scope scope) {
        runtime.budget().step();
        return switch (node) {
            case Expression.Constant(Value value) -> value;
            case Expression.Name(String name) -> scope.get(name);
            case Expression.Attribute(Expression inner, String name, int line) -> {
                Value value = value(inner, scope);
                runtime.at(line);
                yield runtime.members().attribute(value, name);
            }
            case Expression.Item(Expression inner, Expression key, int line) -> {
                Value value = value(inner, scope);
                Value at = value(key, scope);
                runtime.at(line);
                yield runtime.members().item(value, at);
            }
            case Expression.Slice slice -> slice(slice, scope);
            case Expression.Call call -> call(call, scope, null);
            case Expression.Filter(
                            Expression inner,
                            String name,
                            CallArguments given,
                            int line) -> {
                Value input = value(inner, scope);
                Arguments arguments = arguments(given, scope, null);
                runtime.at(line);
                yield runtime.filter(name, input, arguments);
            }
            case Expression.Test(Expression inner, String name, CallArguments given, int line) -> {
                Value input = value(inner, scope);
                Arguments arguments = arguments(given, scope, null);
                runtime.at(line);
                yield Bool.of(runtime.test(name, input, arguments));
            }
            case Expression.Arithmetic(String operator, Expression left, Expression right) ->
                    Operators.apply(
                            operator, value(left, scope), value(right, scope), runtime.budget());
            case Expression.And(Expression left, Expression right) -> {
                Value first = value(left, scope);
                yield runtime.truth(first) ? value(right, scope) : first;
            }
            case Expression.Or(Expression left, Expression right) -> {
                Value first = value(left, scope);
                yield runtime.truth(first) ? first : value(right, scope);
            }
            case Expression.Not(Expression inner) -> Bool.of(!runtime.truth(value(inner, scope)));
            case Expression.Compare compare -> compare(compare, scope);
            case Expression.Concat(List<Expression> parts) -> concat(parts, scope);
            case Expression.Conditional conditional -> conditional(conditional, scope);
            case Expression.Sign(boolean negative, Expression inner) ->
                    Operators.sign(negative, value(inner, scope));
            case Expression.ListLiteral(List<Expression> elements) ->
                    new Sequence.ListValue(values(elements, scope));
            case Expression.TupleLiteral(List<Expression> elements) ->
                    new Sequence.Tuple(values(elements, scope), List.of());
            case Expression.DictLiteral(List<Expression.Pair> entries) -> dict(entries, scope);
            case Expression.Captured captured -> scope.captured();
            case Expression.NamespaceAttribute(String namespace, String attribute) ->
                    runtime.members().attribute(scope.get(namespace), attribute);
        };
    }

    /// Whether an expression is true.
    boolean holds(Expression node, Scope scope) {
        return runtime.truth(value(node, scope));
    }

    /// Calls a function; a call block passes itself as `caller`.
    Value call(Expression.Call call, Scope scope, @Nullable Value caller) {
        Value function = value(call.function(), scope);
        Arguments arguments = arguments(call.arguments(), scope, caller);
        runtime.at(call.line());
        Value result = runtime.call(function, arguments);
        runtime.at(call.line());
        return result;
    }

    private Arguments arguments(CallArguments given, Scope scope, @Nullable Value caller) {
        if (given == CallArguments.NONE) {
            return Arguments.NONE;
        }
        List<Value> positional = values(given.positional(), scope);
        boolean hasNames = !given.named().isEmpty() || given.restNamed() != null || caller != null;
        Map<String, Value> named = hasNames ? new LinkedHashMap<>() : Map.of();
        for (Expression.Keyword keyword : given.named()) {
            named.put(keyword.name(), value(keyword.value(), scope));
        }
        if (given.rest() != null) {
            positional.addAll(Iteration.list(value(given.rest(), scope), runtime.budget()));
        }
        if (given.restNamed() != null) {
            addNamed(value(given.restNamed(), scope), named);
        }
        if (caller != null && named.put("caller", caller) != null) {
            throw Refusal.of("got multiple values for keyword argument 'caller'");
        }
        return new Arguments(positional, named);
    }

    private static void addNamed(Value rest, Map<String, Value> named) {
        if (!(rest instanceof Dict dict)) {
            throw Refusal.of("argument after ** must be a mapping, not " + rest.typeName());
        }
        for (Dict.Entry entry : dict.entries()) {
            if (!(entry.key() instanceof Text name)) {
                throw Refusal.of("keywords must be strings");
            }
            if (named.put(name.chars(), entry.value()) != null) {
                throw Refusal.of("got multiple values for keyword argument '" + name + "'");
            }
        }
    }

    private List<Value> values(List<Expression> nodes, Scope scope) {
        List<Value> values = new ArrayList<>(nodes.size());
        for (Expression node : nodes) {
            values.add(value(node, scope));
        }
        return values;
    }

    private Value slice(Expression.Slice slice, Scope scope) {
        Value value = value(slice.node(), scope);
        Value start = value(slice.start(), scope);
        Value stop = value(slice.stop(), scope);
        Value step = value(slice.step(), scope);
        runtime.at(slice.line());
        return Operators.slice(value, start, stop, step, runtime.budget());
    }

    private Value compare(Expression.Compare compare, Scope scope) {
        Value left = value(compare.first(), scope);
        for (Expression.Operand operand : compare.rest()) {
            Value right = value(operand.node(), scope);
            if (!runtime.comparison().holds(operand.operator(), left, right)) {
                return Bool.FALSE;
            }
            left = right;
        }
        return Bool.TRUE;
    }

    private Value concat(List<Expression> parts, Scope scope) {
        TextBuilder joined = new TextBuilder(runtime.budget());
        for (Expression part : parts) {
            joined.append(runtime.str(value(part, scope)));
        }
        return joined.text();
    }

    private Value conditional(Expression.Conditional conditional, Scope scope) {
        if (holds(conditional.test(), scope)) {
            return value(conditional.then(), scope);
        }
        if (conditional.otherwise() != null) {
            return value(conditional.otherwise(), scope);
        }
        return Undefined.because(
                "the inline if-expression evaluated to false and no else section was defined.");
    }

    private Value dict(List<Expression.Pair> entries, Scope scope) {
        Dict dict = new Dict();
        for (Expression.Pair pair : entries) {
            Value key = value(pair.key(), scope);
            dict.put(key, value(pair.value(), scope));
        }
        return dict;
    }
}
