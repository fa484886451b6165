package dev.tailor.text.internal.jinja.value;

import java.math.BigInteger;

/// A value of a template: what Python would hold in a variable.
///
/// All values are immutable but [Structure], as the sandbox forbids changing lists and dicts.
public sealed interface Value
        permits Value.None,
                Value.Bool,
                Value.Int,
                Value.Real,
                Undefined,
                Text,
                Sequence,
                Dict,
                DictView,
                Cursor,
                Callable,
                Structure {
    /// Whether `if` takes it.
    boolean truth();

    /// The name of its Python type, for error messages.
    String typeName();

    /// Python's `None`.
    enum None implements Value {
        /// The only one.
        NONE;

        @Override
        public boolean truth() {
            return false;
        }

        @Override
        public String typeName() {
            return "NoneType";
        }
    }

    /// `True` or `False`.
    enum Bool implements Value {
        /// False.
        FALSE,
        /// True.
        TRUE;

        /// The value of a Java boolean.
        public static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }

        @Override
        public boolean truth() {
            return this == TRUE;
        }

        @Override
        public String typeName() {
            return "bool";
        }
    }

    /// An integer of any size.
    record Int(BigInteger value) implements Value {
        /// The value of a Java number.
        public static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }

        @Override
        public boolean truth() {
            return value.signum() != 0;
        }

        @Override
        public String typeName() {
            return "int";
        }
    }

    /// A floating point number.
    record Real(double value) implements Value {
        @Override
        public boolean truth() {
            return value != 0;
        }

        @Override
        public String typeName() {
            return "float";
        }
    }
}
