package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Statement.Target;
import dev.tailor.text.internal.jinja.value.Refusal;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What Jinja refuses before it runs a template: filters and tests it does not know (unless an `if`
/// stands before them), loop controls outside loops, assignments to `loop`, blocks defined twice.
public final class Validation {
    private final Set<String> filters;
    private final Set<String> tests;
    private final Set<String> blocks = new HashSet<>();

    private Validation(Set<String> filters, Set<String> tests) {
        this.filters = filters;
        this.tests = tests;
    }

    /// Checks a template against the names of the filters and tests there are.
    public static void check(List<Statement> template, Set<String> filters, Set<String> tests) {
        new Validation(filters, tests).statements(template, false, false);
    }

    private void statements(List<Statement> statements, boolean inLoop, boolean afterIf) {
        for (Statement statement : statements) {
            boolean soft = afterIf || statement instanceof Statement.If;
            int line = line(statement);
            Tree.expressions(statement).forEach(node -> expression(node, soft, line));
            check(statement, inLoop, line);
            boolean bodyInLoop =
                    switch (statement) {
                        case Statement.For s -> true;
                        case Statement.Macro s -> false;
                        case Statement.CallBlock s -> false;
                        case Statement.Generation s -> false;
                        case Statement.Block s -> false;
                        case Statement.AssignBlock s -> false;
                        case Statement.FilterBlock s -> false;
                        default -> inLoop;
                    };
            boolean bodySoft = statement instanceof Statement.If;
            Tree.bodies(statement).forEach(body -> statements(body, bodyInLoop, bodySoft));
        }
    }

    private void check(Statement statement, boolean inLoop, int line) {
        switch (statement) {
            case Statement.Break s when !inLoop ->
                    throw Refusal.of("'break' outside loop").at(line);
            case Statement.Continue s when !inLoop ->
                    throw Refusal.of("'continue' outside loop").at(line);
            case Statement.Block s when !blocks.add(s.name()) ->
                    throw Refusal.of("block '" + s.name() + "' defined twice").at(line);
            case Statement.For s -> {
                loopTarget(s.target(), line);
                Tree.visit(
                        s.body(),
                        inner ->
                                Tree.targets(inner)
                                        .forEach(target -> loopTarget(target, line(inner))));
            }
            default -> {}
        }
    }

    private static void loopTarget(Target target, int line) {
        if (Names.variables(target).contains("loop")) {
            throw Refusal.of("Can't assign to special loop variable in for-loop target").at(line);
        }
    }

    private void expression(Expression node, boolean soft, int line) {
        switch (node) {
            case Expression.Filter filter when !soft && !filters.contains(filter.name()) ->
                    throw Refusal.of("No filter named '" + filter.name() + "'").at(filter.line());
            case Expression.Test test when !soft && !tests.contains(test.name()) ->
                    throw Refusal.of("No test named '" + test.name() + "'").at(test.line());
            default -> {}
        }
        boolean below = soft || node instanceof Expression.Conditional;
        Tree.children(node).forEach(child -> expression(child, below, line));
    }

    private static int line(Statement statement) {
        return switch (statement) {
            case Statement.Data s -> 0;
            case Statement.Output s -> s.line();
            case Statement.Assign s -> s.line();
            case Statement.AssignBlock s -> s.line();
            case Statement.For s -> s.line();
            case Statement.If s -> s.branches().getFirst().line();
            case Statement.With s -> s.line();
            case Statement.Macro s -> s.line();
            case Statement.CallBlock s -> s.line();
            case Statement.FilterBlock s -> s.line();
            case Statement.Generation s -> s.line();
            case Statement.Block s -> s.line();
            case Statement.Autoescape s -> s.line();
            case Statement.Loading s -> s.line();
            case Statement.Break s -> s.line();
            case Statement.Continue s -> s.line();
        };
    }
}
