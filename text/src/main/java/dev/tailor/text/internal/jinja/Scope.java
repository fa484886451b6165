package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The variables of a block: reading looks outwards, assigning stays inside.
final class Scope {
    private final @Nullable Scope parent;
    private final Map<String, Value> variables;
    private Text captured = Text.EMPTY;

    /// The outermost scope: what the caller gave.
    Scope(Map<String, Value> variables) {
        this.parent = null;
        this.variables = variables;
    }

    /// A scope within another one.
    ///
    /// @param hidden names that start undefined here, whatever the outer scopes say
    Scope(Scope parent, Set<String> hidden) {
        this.parent = parent;
        this.variables = new HashMap<>();
        for (String name : hidden) {
            variables.put(name, Undefined.variable(name));
        }
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Value value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Undefined.variable(name);
    }

    /// A copy without the names that hide outer ones and were not assigned yet: what a block sees
    /// of the template around it.
    Scope assigned(Set<String> hidden) {
        Scope copy = parent == null ? new Scope(new HashMap<>()) : new Scope(parent, Set.of());
        variables.forEach((name, value) -> {
            if (!(hidden.contains(name) && value instanceof Undefined)) {
                copy.variables.put(name, value);
            }
        });
        return copy;
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }

    /// The text a block captured, for the filters on it.
    Text captured() {
        return captured;
    }

    void capture(Text text) {
        captured = text;
    }
}
