package dev.tailor.text.internal.jinja.value;

import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

/// What a name, attribute or item that does not exist stands for: it prints as nothing, is false
/// and empty, and refuses everything else.
public final class Undefined implements Value {
    private final String name;
    private final @Nullable String owner;
    private final boolean isHint;

    private Undefined(String name, @Nullable String owner, boolean isHint) {
        this.name = name;
        this.owner = owner;
        this.isHint = isHint;
    }

    /// A variable nobody set.
    public static Undefined variable(String name) {
        return new Undefined(name, null, false);
    }

    /// An attribute or item (already quoted where it is a text) that a value does not have.
    public static Undefined member(Value owner, String name) {
        return new Undefined(name, owner.typeName(), false);
    }

    /// Something undefined for a reason of its own.
    public static Undefined because(String hint) {
        return new Undefined(hint, null, true);
    }

    /// The error of using it.
    public TailorException failure() {
        if (isHint) {
            return Refusal.of(name);
        }
        if (owner == null) {
            return Refusal.of("'" + name + "' is undefined");
        }
        return Refusal.of("'" + owner + " object' has no attribute " + name);
    }

    @Override
    public boolean truth() {
        return false;
    }

    @Override
    public String typeName() {
        return "Undefined";
    }
}
