package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.syntax.Statement.Target;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which names mean what where, as Jinja decides before it runs a template.
///
/// A name that a scope assigns, and that neither an outer scope nor an earlier expression of the
/// same scope mentions, belongs to the scope from its start: until it is assigned it is undefined,
/// even where the caller gave a variable of that name.
public final class Names {
    private final Map<List<Statement>, Set<String>> own = new IdentityHashMap<>();

    private Names() {}

    /// The names of each scope's body that hide the caller's variables.
    public static Names of(List<Statement> template) {
        Names names = new Names();
        names.scope(template, null, Set.of());
        return names;
    }

    /// The names that a body has for itself from its start.
    public Set<String> hiddenIn(List<Statement> body) {
        return own.getOrDefault(body, Set.of());
    }

    private record Scope(@Nullable Scope parent, Set<String> mentioned) {
        boolean knows(String name) {
            return mentioned.contains(name) || (parent != null && parent.knows(name));
        }
    }

    private void scope(List<Statement> body, @Nullable Scope parent, Set<String> parameters) {
        Scope scope = new Scope(parent, new HashSet<>(parameters));
        Set<String> hidden = new HashSet<>();
        mention(body, scope, hidden);
        if (!hidden.isEmpty()) {
            own.put(body, hidden);
        }
        nested(body, scope);
    }

    private static void mention(List<Statement> body, Scope scope, @Nullable Set<String> hidden) {
        for (Statement statement : body) {
            switch (statement) {
                case Statement.Output s -> load(s.node(), scope);
                case Statement.Assign s -> {
                    load(s.value(), scope);
                    store(s.target(), scope, hidden);
                }
                case Statement.AssignBlock s -> store(s.target(), scope, hidden);
                case Statement.For s -> load(s.iterable(), scope);
                case Statement.If s -> {
                    for (Statement.Branch branch : s.branches()) {
                        load(branch.test(), scope);
                        mention(branch.body(), scope, null);
                    }
                    mention(s.otherwise(), scope, null);
                }
                case Statement.With s -> s.bindings().forEach(b -> load(b.value(), scope));
                case Statement.Macro s -> store(new Target.Variable(s.name()), scope, hidden);
                case Statement.CallBlock s -> load(s.call(), scope);
                case Statement.FilterBlock s -> load(s.filter(), scope);
                case Statement.Data s -> {}
                case Statement.Generation s -> {}
                case Statement.Block s -> {}
                case Statement.Autoescape s -> {}
                case Statement.Loading s -> {}
                case Statement.Break s -> {}
                case Statement.Continue s -> {}
            }
        }
    }

    private static void load(Expression node, Scope scope) {
        Tree.visit(
                node,
                part -> {
                    if (part instanceof Expression.Name(String name)) {
                        scope.mentioned().add(name);
                    }
                });
    }

    private static void store(Target target, Scope scope, @Nullable Set<String> hidden) {
        switch (target) {
            case Target.Variable(String name) -> {
                if (hidden != null && !scope.knows(name)) {
                    hidden.add(name);
                }
                scope.mentioned().add(name);
            }
            case Target.Attribute(String namespace, String name) ->
                    scope.mentioned().add(namespace);
            case Target.Several(List<Target> targets) ->
                    targets.forEach(part -> store(part, scope, hidden));
        }
    }

    private void nested(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            switch (statement) {
                case Statement.If s -> Tree.bodies(s).forEach(branch -> nested(branch, scope));
                case Statement.For s -> {
                    Set<String> parameters = variables(s.target());
                    parameters.add("loop");
                    scope(s.body(), scope, parameters);
                    scope(s.otherwise(), scope, Set.of());
                }
                case Statement.With s -> {
                    Set<String> parameters = new HashSet<>();
                    s.bindings().forEach(b -> parameters.addAll(variables(b.target())));
                    scope(s.body(), scope, parameters);
                }
                case Statement.Macro s -> scope(s.body(), scope, parameters(s.signature()));
                case Statement.CallBlock s -> scope(s.body(), scope, parameters(s.signature()));
                case Statement.Block s -> scope(s.body(), null, Set.of());
                default -> Tree.bodies(statement).forEach(b -> scope(b, scope, Set.of()));
            }
        }
    }

    private static Set<String> parameters(Statement.Signature signature) {
        Set<String> names = new HashSet<>();
        signature.parameters().forEach(parameter -> names.add(parameter.name()));
        names.addAll(Set.of("caller", "kwargs", "varargs"));
        return names;
    }

    static Set<String> variables(Target target) {
        Set<String> names = new HashSet<>();
        switch (target) {
            case Target.Variable(String name) -> names.add(name);
            case Target.Attribute attribute -> {}
            case Target.Several(List<Target> targets) ->
                    targets.forEach(part -> names.addAll(variables(part)));
        }
        return names;
    }

    /// The parameters of a macro, and whether its body uses `caller`, `kwargs` and `varargs`.
    static Statement.Signature signature(
            List<Statement.Parameter> parameters, List<Statement> body) {
        Set<String> used = new HashSet<>();
        Tree.visit(
                body,
                statement ->
                        Tree.expressions(statement)
                                .forEach(node ->
                                        Tree.visit(
                                                node,
                                                part -> {
                                                    if (part
                                                            instanceof
                                                            Expression.Name(String name)) {
                                                        used.add(name);
                                                    }
                                                })));
        List<String> given = parameters.stream().map(Statement.Parameter::name).toList();
        return new Statement.Signature(
                List.copyOf(parameters),
                used.contains("caller"),
                used.contains("kwargs") && !given.contains("kwargs"),
                used.contains("varargs") && !given.contains("varargs"));
    }
}
