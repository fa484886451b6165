package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.value.Text;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A statement of a template.
public sealed interface Statement {
    /// Whether a statement of some kind stands anywhere within these.
    static boolean contains(List<Statement> statements, Class<? extends Statement> kind) {
        boolean[] found = {false};
        Tree.visit(statements, statement -> found[0] |= kind.isInstance(statement));
        return found[0];
    }

    /// Text outside tags.
    record Data(Text text) implements Statement {}

    /// `{{ node }}`.
    record Output(Expression node, int line) implements Statement {}

    /// `{% set target = value %}`.
    record Assign(Target target, Expression value, int line) implements Statement {}

    /// `{% set target | filter %}body{% endset %}`; `value` is the captured text or filters on it.
    record AssignBlock(Target target, Expression value, List<Statement> body, int line)
            implements Statement {}

    /// `{% for target in iterable if test %}body{% else %}otherwise{% endfor %}`.
    record For(
            Target target,
            Expression iterable,
            @Nullable Expression test,
            List<Statement> body,
            List<Statement> otherwise,
            boolean recursive,
            int line)
            implements Statement {}

    /// `{% if %}`, `{% elif %}` and `{% else %}`.
    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    /// One branch of an `if`.
    record Branch(Expression test, List<Statement> body, int line) {}

    /// `{% with a = 1 %}`.
    record With(List<Binding> bindings, List<Statement> body, int line) implements Statement {}

    /// A name given by `with`.
    record Binding(Target target, Expression value) {}

    /// `{% macro name(parameters) %}`.
    record Macro(String name, Signature signature, List<Statement> body, int line)
            implements Statement {}

    /// `{% call(parameters) function(arguments) %}`.
    record CallBlock(Signature signature, Expression.Call call, List<Statement> body, int line)
            implements Statement {}

    /// The parameters of a macro and the special names its body uses.
    record Signature(
            List<Parameter> parameters,
            boolean usesCaller,
            boolean usesKwargs,
            boolean usesVarargs) {}

    /// A parameter with its default.
    record Parameter(String name, @Nullable Expression defaultValue) {}

    /// `{% filter name %}`.
    record FilterBlock(Expression filter, List<Statement> body, int line) implements Statement {}

    /// `{% generation %}`: what the model is to learn.
    record Generation(List<Statement> body, int line) implements Statement {}

    /// `{% block name %}`; without inheritance a named part of the template.
    record Block(String name, boolean scoped, boolean required, List<Statement> body, int line)
            implements Statement {}

    /// `{% autoescape %}`.
    record Autoescape(Expression enabled, List<Statement> body, int line) implements Statement {}

    /// `{% include %}`, `{% import %}`, `{% from %}` or `{% extends %}`: a chat template stands
    /// alone.
    record Loading(String tag, int line) implements Statement {}

    /// `{% break %}`.
    record Break(int line) implements Statement {}

    /// `{% continue %}`.
    record Continue(int line) implements Statement {}

    /// What is assigned to.
    sealed interface Target {
        /// A variable.
        record Variable(String name) implements Target {}

        /// An attribute of a namespace.
        record Attribute(String namespace, String name) implements Target {}

        /// Several at once.
        record Several(List<Target> targets) implements Target {}
    }
}
