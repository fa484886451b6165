package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// An expression of a template.
public sealed interface Expression {
    /// A literal.
    record Constant(Value value) implements Expression {}

    /// A variable.
    record Name(String name) implements Expression {}

    /// `namespace.attribute` on the left of an assignment.
    record NamespaceAttribute(String namespace, String attribute) implements Expression {}

    /// `[a, b]`.
    record ListLiteral(List<Expression> elements) implements Expression {}

    /// `(a, b)` or `a, b`.
    record TupleLiteral(List<Expression> elements) implements Expression {}

    /// `{key: value}`.
    record DictLiteral(List<Pair> entries) implements Expression {}

    /// A key and a value.
    record Pair(Expression key, Expression value) {}

    /// `node.name`.
    record Attribute(Expression node, String name, int line) implements Expression {}

    /// `node[key]`.
    record Item(Expression node, Expression key, int line) implements Expression {}

    /// `node[start:stop:step]`; a bound left out is the constant none.
    record Slice(Expression node, Expression start, Expression stop, Expression step, int line)
            implements Expression {}

    /// `function(arguments)`.
    record Call(Expression function, CallArguments arguments, int line) implements Expression {}

    /// `node|name(arguments)`.
    record Filter(Expression node, String name, CallArguments arguments, int line)
            implements Expression {}

    /// What a filter block or a set block captured: the innermost node of its filters.
    record Captured() implements Expression {}

    /// `node is name(arguments)`.
    record Test(Expression node, String name, CallArguments arguments, int line)
            implements Expression {}

    /// `-node` or `+node`.
    record Sign(boolean negative, Expression node) implements Expression {}

    /// `left operator right` for `+ - * / // % **`.
    record Arithmetic(String operator, Expression left, Expression right) implements Expression {}

    /// `left and right`.
    record And(Expression left, Expression right) implements Expression {}

    /// `left or right`.
    record Or(Expression left, Expression right) implements Expression {}

    /// `not node`.
    record Not(Expression node) implements Expression {}

    /// `first < second <= third`.
    record Compare(Expression first, List<Operand> rest) implements Expression {}

    /// An operator (`== != < <= > >= in notin`) and what stands right of it.
    record Operand(String operator, Expression node) {}

    /// `a ~ b ~ c`.
    record Concat(List<Expression> parts) implements Expression {}

    /// `then if test else otherwise`.
    record Conditional(Expression test, Expression then, @Nullable Expression otherwise, int line)
            implements Expression {}

    /// The arguments of a call: `f(1, name=2, *rest, **named)`.
    record CallArguments(
            List<Expression> positional,
            List<Keyword> named,
            @Nullable Expression rest,
            @Nullable Expression restNamed) {
        /// No arguments.
        public static final CallArguments NONE =
                new CallArguments(List.of(), List.of(), null, null);
    }

    /// A named argument.
    record Keyword(String name, Expression value) {}
}
