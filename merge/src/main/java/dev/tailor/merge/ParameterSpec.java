package dev.tailor.merge;

import java.util.OptionalDouble;

/// A parameter that a merge method takes.
///
/// @param name as in the YAML
/// @param scope whether each model has its own value
/// @param kind what values it takes
/// @param required whether there must be a value (the base model needs none)
/// @param standard the value where none is given
public record ParameterSpec(
        String name, Scope scope, Kind kind, boolean required, OptionalDouble standard) {
    /// Where a parameter may stand.
    public enum Scope {
        /// Below each model, or once for all.
        MODEL,
        /// Only for the whole merge or a slice.
        MERGE
    }

    /// What values a parameter takes.
    public enum Kind {
        /// Any finite number.
        NUMBER("a number"),
        /// A number above 0.
        POSITIVE("a number above 0"),
        /// From 0 to 1; more counts as 1.
        FRACTION("a number from 0 to 1"),
        /// A whole number from 1 on.
        COUNT("a whole number from 1 on"),
        /// True or false; numbers other than 0 are true.
        FLAG("true or false");

        private final String range;

        Kind(String range) {
            this.range = range;
        }

        /// The values in words.
        public String range() {
            return range;
        }
    }

    static ParameterSpec required(String name, Scope scope, Kind kind) {
        return new ParameterSpec(name, scope, kind, true, OptionalDouble.empty());
    }

    static ParameterSpec optional(String name, Scope scope, Kind kind, double standard) {
        return new ParameterSpec(name, scope, kind, false, OptionalDouble.of(standard));
    }

    static ParameterSpec flag(String name, boolean standard) {
        return optional(name, Scope.MERGE, Kind.FLAG, standard ? 1 : 0);
    }
}
