package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.syntax.Statement;
import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A macro, or the body of a call block: a function whose value is what it prints.
final class Macro implements Callable {
    private final String name;
    private final Statement.Signature signature;
    private final List<Statement> body;
    private final Scope outer;
    private final Interpreter interpreter;
    private final Runtime runtime;

    Macro(
            String name,
            Statement.Signature signature,
            List<Statement> body,
            Scope outer,
            Interpreter interpreter,
            Runtime runtime) {
        this.name = name;
        this.signature = signature;
        this.body = body;
        this.outer = outer;
        this.interpreter = interpreter;
        this.runtime = runtime;
    }

    @Override
    public Value call(Arguments arguments) {
        Scope scope = interpreter.inner(outer, body);
        List<Statement.Parameter> parameters = signature.parameters();
        List<Value> positional = arguments.positional();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        boolean callerIsParameter = false;
        for (int i = 0; i < parameters.size(); i++) {
            Statement.Parameter parameter = parameters.get(i);
            callerIsParameter |= parameter.name().equals("caller");
            Value given =
                    i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            scope.set(parameter.name(), given != null ? given : defaultOf(parameter, scope));
        }
        if (signature.usesCaller() && !callerIsParameter) {
            Value caller = named.remove("caller");
            scope.set("caller", caller != null ? caller : Undefined.because("No caller defined"));
        }
        rest(scope, positional, named);
        return interpreter.captured(body, scope);
    }

    private Value defaultOf(Statement.Parameter parameter, Scope scope) {
        return parameter.defaultValue() == null
                ? Undefined.because("parameter '" + parameter.name() + "' was not provided")
                : interpreter.evaluator().value(parameter.defaultValue(), scope);
    }

    private void rest(Scope scope, List<Value> positional, Map<String, Value> named) {
        if (signature.usesKwargs()) {
            Dict rest = new Dict();
            named.forEach((key, value) -> rest.put(Text.of(key), value));
            scope.set("kwargs", rest);
        } else if (!named.isEmpty()) {
            throw Refusal.of(
                    "macro '"
                            + name
                            + "' takes no keyword argument '"
                            + named.keySet().iterator().next()
                            + "'");
        }
        int count = signature.parameters().size();
        if (signature.usesVarargs()) {
            List<Value> rest =
                    positional.size() > count
                            ? positional.subList(count, positional.size())
                            : List.of();
            scope.set("varargs", new Sequence.Tuple(rest, List.of()));
        } else if (positional.size() > count) {
            throw Refusal.of("macro '" + name + "' takes not more than " + count + " argument(s)");
        }
    }

    @Override
    public @Nullable Value attribute(String attribute) {
        return switch (attribute) {
            case "name" -> Text.of(name);
            case "arguments" ->
                    new Sequence.Tuple(
                            signature.parameters().stream()
                                    .map(parameter -> (Value) Text.of(parameter.name()))
                                    .toList(),
                            List.of());
            case "catch_kwargs" -> Bool.of(signature.usesKwargs());
            case "catch_varargs" -> Bool.of(signature.usesVarargs());
            case "caller" -> Bool.of(signature.usesCaller());
            default -> null;
        };
    }

    @Override
    public String repr() {
        return "<Macro '" + name + "'>";
    }

    @Override
    public String typeName() {
        return "Macro";
    }
}
