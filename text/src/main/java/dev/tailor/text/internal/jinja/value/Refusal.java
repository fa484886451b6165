package dev.tailor.text.internal.jinja.value;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

/// The errors of templates. The place is added where it is known.
public final class Refusal {
    private Refusal() {}

    /// A template that cannot be parsed or does something that Python refuses.
    public static TailorException of(String what) {
        return TailorException.of(ErrorCode.TEMPLATE_INVALID, what);
    }

    /// An operator that these operands do not have.
    public static TailorException operator(String operator, Value left, Value right) {
        return of(
                "unsupported operand types for "
                        + operator
                        + ": '"
                        + left.typeName()
                        + "' and '"
                        + right.typeName()
                        + "'");
    }

    /// A template that asks for more time or memory than any chat needs.
    public static TailorException limit(String what) {
        return of("the template asks for too much: " + what);
    }
}
