package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.syntax.Expression;
import dev.tailor.text.internal.jinja.syntax.Names;
import dev.tailor.text.internal.jinja.syntax.Statement;
import dev.tailor.text.internal.jinja.syntax.Statement.Target;
import dev.tailor.text.internal.jinja.value.Cursor;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Mark;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs statements.
final class Interpreter {
    /// How a body ended.
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Runtime runtime;
    private final Evaluator evaluator;
    private final Names names;
    private Scope root = new Scope(Map.of());
    private Set<String> rootHidden = Set.of();
    private TextBuilder out;

    Interpreter(Runtime runtime, Names names) {
        this.runtime = runtime;
        this.evaluator = new Evaluator(runtime);
        this.names = names;
        this.out = new TextBuilder(runtime.budget());
    }

    /// Runs a template with the caller's variables.
    Text run(List<Statement> template, Map<String, Value> variables) {
        rootHidden = names.hiddenIn(template);
        root = new Scope(new Scope(variables), rootHidden);
        body(template, root);
        return out.text();
    }

    /// Runs a body and gives what it printed instead of printing it.
    Text captured(List<Statement> body, Scope scope) {
        TextBuilder outer = out;
        out = new TextBuilder(runtime.budget());
        body(body, scope);
        Text text = out.text();
        out = outer;
        return text;
    }

    Scope inner(Scope outer, List<Statement> body) {
        return new Scope(outer, names.hiddenIn(body));
    }

    Evaluator evaluator() {
        return evaluator;
    }

    private Flow body(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            Flow flow = run(statement, scope);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Statement statement, Scope scope) {
        runtime.budget().step();
        switch (statement) {
            case Statement.Data(Text text) -> out.append(text);
            case Statement.Output(Expression node, int line) -> {
                runtime.at(line);
                out.append(runtime.str(evaluator.value(node, scope)));
            }
            case Statement.Assign(Target target, Expression value, int line) -> {
                runtime.at(line);
                assign(target, evaluator.value(value, scope), scope);
            }
            case Statement.If s -> {
                return condition(s, scope);
            }
            case Statement.For s -> {
                return loop(s, scope);
            }
            case Statement.AssignBlock s -> assignBlock(s, scope);
            case Statement.With s -> {
                return with(s, scope);
            }
            case Statement.Macro s ->
                    scope.set(
                            s.name(),
                            new Macro(s.name(), s.signature(), s.body(), scope, this, runtime));
            case Statement.CallBlock s -> callBlock(s, scope);
            case Statement.FilterBlock s -> {
                Scope inner = inner(scope, s.body());
                inner.capture(captured(s.body(), inner));
                runtime.at(s.line());
                out.append(runtime.str(evaluator.value(s.filter(), inner)));
            }
            case Statement.Generation s -> {
                int start = out.length();
                body(s.body(), inner(scope, s.body()));
                out.mark(start, Mark.GENERATION);
            }
            case Statement.Block s -> block(s, scope);
            case Statement.Autoescape s -> {
                runtime.at(s.line());
                if (evaluator.holds(s.enabled(), scope)) {
                    throw Refusal.of("autoescape is not supported in chat templates");
                }
                return body(s.body(), inner(scope, s.body()));
            }
            case Statement.Loading s -> {
                runtime.at(s.line());
                throw Refusal.of(
                        "a chat template stands alone: {% " + s.tag() + " %} loads another");
            }
            case Statement.Break s -> {
                return Flow.BREAK;
            }
            case Statement.Continue s -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private Flow condition(Statement.If statement, Scope scope) {
        for (Statement.Branch branch : statement.branches()) {
            runtime.at(branch.line());
            if (evaluator.holds(branch.test(), scope)) {
                return body(branch.body(), scope);
            }
        }
        return body(statement.otherwise(), scope);
    }

    private Flow loop(Statement.For statement, Scope scope) {
        runtime.at(statement.line());
        Value elements = evaluator.value(statement.iterable(), scope);
        if (!statement.recursive()) {
            return loop(statement, elements, null, 0, scope);
        }
        recursion(statement, scope).render(elements, 0);
        return Flow.ON;
    }

    /// A recursive loop prints as a function does: all at once.
    private Loop.Recursion recursion(Statement.For statement, Scope scope) {
        return new Loop.Recursion() {
            @Override
            public Value render(Value elements, int depth) {
                TextBuilder outer = out;
                out = new TextBuilder(runtime.budget());
                loop(statement, elements, this, depth, scope);
                Text text = out.text();
                out = outer;
                if (depth == 0) {
                    out.append(text);
                }
                return text;
            }
        };
    }

    private Flow loop(
            Statement.For statement,
            Value elements,
            Loop.@Nullable Recursion recursion,
            int depth,
            Scope scope) {
        Iterator<Value> iterator = Iteration.over(elements);
        int length = elements instanceof Cursor ? -1 : Iteration.length(elements);
        Expression test = statement.test();
        if (test != null) {
            iterator = new Filtered(iterator, element -> passes(statement, test, element, scope));
            length = -1;
        }
        Loop loop = new Loop(iterator, length, recursion, depth, runtime);
        Set<String> hidden = names.hiddenIn(statement.body());
        // As in Jinja, the else branch runs unless one pass reached the end of the body.
        boolean ran = false;
        for (Value element = loop.advance(); element != null; element = loop.advance()) {
            runtime.budget().step();
            Scope inner = new Scope(scope, hidden);
            inner.set("loop", loop);
            assign(statement.target(), element, inner);
            Flow flow = body(statement.body(), inner);
            ran |= flow == Flow.ON;
            if (flow == Flow.BREAK) {
                break;
            }
        }
        return ran ? Flow.ON : body(statement.otherwise(), inner(scope, statement.otherwise()));
    }

    private boolean passes(Statement.For statement, Expression test, Value element, Scope scope) {
        runtime.budget().step();
        Scope inner = new Scope(scope, Set.of());
        assign(statement.target(), element, inner);
        runtime.at(statement.line());
        return evaluator.holds(test, inner);
    }

    private void assignBlock(Statement.AssignBlock statement, Scope scope) {
        Scope inner = inner(scope, statement.body());
        inner.capture(captured(statement.body(), inner));
        runtime.at(statement.line());
        assign(statement.target(), evaluator.value(statement.value(), inner), scope);
    }

    private Flow with(Statement.With statement, Scope scope) {
        runtime.at(statement.line());
        Scope inner = inner(scope, statement.body());
        for (Statement.Binding binding : statement.bindings()) {
            assign(binding.target(), evaluator.value(binding.value(), scope), inner);
        }
        return body(statement.body(), inner);
    }

    private void callBlock(Statement.CallBlock statement, Scope scope) {
        runtime.at(statement.line());
        Macro caller =
                new Macro("caller", statement.signature(), statement.body(), scope, this, runtime);
        out.append(runtime.str(evaluator.call(statement.call(), scope, caller)));
    }

    private void block(Statement.Block statement, Scope scope) {
        if (statement.required()) {
            throw Refusal.of("Required block '" + statement.name() + "' not found");
        }
        Scope outer = statement.scoped() ? scope : root.assigned(rootHidden);
        body(statement.body(), inner(outer, statement.body()));
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Target.Variable(String name) -> scope.set(name, value);
            case Target.Attribute(String namespace, String name) -> {
                if (!(scope.get(namespace) instanceof Namespace known)) {
                    throw Refusal.of("cannot assign attribute on non-namespace object");
                }
                known.set(name, value);
            }
            case Target.Several(List<Target> targets) -> unpack(targets, value, scope);
        }
    }

    private void unpack(List<Target> targets, Value value, Scope scope) {
        List<Value> parts = Iteration.list(value, runtime.budget());
        if (parts.size() != targets.size()) {
            throw Refusal.of(
                    (parts.size() < targets.size() ? "not enough" : "too many")
                            + " values to unpack (expected "
                            + targets.size()
                            + ", got "
                            + parts.size()
                            + ")");
        }
        for (int i = 0; i < targets.size(); i++) {
            assign(targets.get(i), parts.get(i), scope);
        }
    }
}
