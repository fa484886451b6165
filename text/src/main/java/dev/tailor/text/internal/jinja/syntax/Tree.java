package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Statement.Target;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// Walks over a syntax tree.
final class Tree {
    private Tree() {}

    /// The expressions directly below an expression.
    static List<Expression> children(Expression node) {
        List<Expression> children = new ArrayList<>();
        switch (node) {
            case Expression.Constant n -> {}
            case Expression.Name n -> {}
            case Expression.NamespaceAttribute n -> {}
            case Expression.Captured n -> {}
            case Expression.ListLiteral n -> children.addAll(n.elements());
            case Expression.TupleLiteral n -> children.addAll(n.elements());
            case Expression.DictLiteral n ->
                    n.entries().forEach(pair -> children.addAll(List.of(pair.key(), pair.value())));
            case Expression.Attribute n -> children.add(n.node());
            case Expression.Item n -> children.addAll(List.of(n.node(), n.key()));
            case Expression.Slice n ->
                    children.addAll(List.of(n.node(), n.start(), n.stop(), n.step()));
            case Expression.Call n -> {
                children.add(n.function());
                addArguments(n.arguments(), children);
            }
            case Expression.Filter n -> {
                children.add(n.node());
                addArguments(n.arguments(), children);
            }
            case Expression.Test n -> {
                children.add(n.node());
                addArguments(n.arguments(), children);
            }
            case Expression.Sign n -> children.add(n.node());
            case Expression.Not n -> children.add(n.node());
            case Expression.Arithmetic n -> children.addAll(List.of(n.left(), n.right()));
            case Expression.And n -> children.addAll(List.of(n.left(), n.right()));
            case Expression.Or n -> children.addAll(List.of(n.left(), n.right()));
            case Expression.Compare n -> {
                children.add(n.first());
                n.rest().forEach(operand -> children.add(operand.node()));
            }
            case Expression.Concat n -> children.addAll(n.parts());
            case Expression.Conditional n -> {
                children.addAll(List.of(n.test(), n.then()));
                addIfPresent(n.otherwise(), children);
            }
        }
        return children;
    }

    private static void addArguments(
            Expression.CallArguments arguments, List<Expression> children) {
        children.addAll(arguments.positional());
        arguments.named().forEach(keyword -> children.add(keyword.value()));
        addIfPresent(arguments.rest(), children);
        addIfPresent(arguments.restNamed(), children);
    }

    private static void addIfPresent(@Nullable Expression node, List<Expression> children) {
        if (node != null) {
            children.add(node);
        }
    }

    /// The expressions that a statement evaluates itself, outside its bodies.
    static List<Expression> expressions(Statement statement) {
        return switch (statement) {
            case Statement.Data s -> List.of();
            case Statement.Output s -> List.of(s.node());
            case Statement.Assign s -> List.of(s.value());
            case Statement.AssignBlock s -> List.of(s.value());
            case Statement.For s ->
                    s.test() == null
                            ? List.of(s.iterable())
                            : List.of(s.iterable(), Objects.requireNonNull(s.test()));
            case Statement.If s -> s.branches().stream().map(Statement.Branch::test).toList();
            case Statement.With s -> s.bindings().stream().map(Statement.Binding::value).toList();
            case Statement.Macro s -> defaults(s.signature());
            case Statement.CallBlock s -> {
                List<Expression> all = new ArrayList<>(defaults(s.signature()));
                all.add(s.call());
                yield all;
            }
            case Statement.FilterBlock s -> List.of(s.filter());
            case Statement.Generation s -> List.of();
            case Statement.Block s -> List.of();
            case Statement.Autoescape s -> List.of(s.enabled());
            case Statement.Loading s -> List.of();
            case Statement.Break s -> List.of();
            case Statement.Continue s -> List.of();
        };
    }

    private static List<Expression> defaults(Statement.Signature signature) {
        List<Expression> defaults = new ArrayList<>();
        signature.parameters().forEach(p -> addIfPresent(p.defaultValue(), defaults));
        return defaults;
    }

    /// The bodies of a statement.
    static List<List<Statement>> bodies(Statement statement) {
        return switch (statement) {
            case Statement.AssignBlock s -> List.of(s.body());
            case Statement.For s -> List.of(s.body(), s.otherwise());
            case Statement.If s -> {
                List<List<Statement>> bodies = new ArrayList<>();
                s.branches().forEach(branch -> bodies.add(branch.body()));
                bodies.add(s.otherwise());
                yield bodies;
            }
            case Statement.With s -> List.of(s.body());
            case Statement.Macro s -> List.of(s.body());
            case Statement.CallBlock s -> List.of(s.body());
            case Statement.FilterBlock s -> List.of(s.body());
            case Statement.Generation s -> List.of(s.body());
            case Statement.Block s -> List.of(s.body());
            case Statement.Autoescape s -> List.of(s.body());
            case Statement.Data s -> List.of();
            case Statement.Output s -> List.of();
            case Statement.Assign s -> List.of();
            case Statement.Loading s -> List.of();
            case Statement.Break s -> List.of();
            case Statement.Continue s -> List.of();
        };
    }

    /// What a statement assigns to in the scope it stands in, and a loop in the scope of its body.
    static List<Target> targets(Statement statement) {
        return switch (statement) {
            case Statement.Assign s -> List.of(s.target());
            case Statement.AssignBlock s -> List.of(s.target());
            case Statement.For s -> List.of(s.target());
            case Statement.With s -> s.bindings().stream().map(Statement.Binding::target).toList();
            case Statement.Macro s -> List.of(new Target.Variable(s.name()));
            default -> List.of();
        };
    }

    /// Every expression within an expression, itself included.
    static void visit(Expression node, Consumer<Expression> visitor) {
        visitor.accept(node);
        children(node).forEach(child -> visit(child, visitor));
    }

    /// Every statement within statements, and every statement within those.
    static void visit(List<Statement> statements, Consumer<Statement> visitor) {
        for (Statement statement : statements) {
            visitor.accept(statement);
            bodies(statement).forEach(body -> visit(body, visitor));
        }
    }
}
