package dev.tailor.serve.internal.json;

import java.util.Optional;

/// Where a text that begins a JSON document (RFC 8259) stands, an object at its root. Immutable.
///
/// @param stack the containers that are open, the innermost in the lowest bit: 1 for an object
/// @param depth how many there are
/// @param place what may come next
/// @param left characters that a literal or an escape still needs
/// @param word the literal that is being written, empty for none
record JsonState(long stack, int depth, Place place, int left, String word) {
    private static final int MAX_DEPTH = 60;

    /// What may come next.
    enum Place {
        /// The document's `{`.
        START,
        /// The first name of an object, or its end.
        FIRST_NAME,
        /// A name, after a comma.
        NAME,
        /// The colon after a name.
        COLON,
        /// A value.
        VALUE,
        /// The first value of an array, or its end.
        FIRST_VALUE,
        /// A comma, or the end of a container.
        AFTER,
        /// More of a name.
        IN_NAME,
        /// More of a string.
        IN_STRING,
        /// What is escaped in a name.
        ESCAPE_IN_NAME,
        /// What is escaped in a string.
        ESCAPE_IN_STRING,
        /// Hexadecimal digits of an escape in a name.
        HEX_IN_NAME,
        /// Hexadecimal digits of an escape in a string.
        HEX_IN_STRING,
        /// A digit after a minus.
        MINUS,
        /// What follows a leading zero.
        ZERO,
        /// More digits.
        DIGITS,
        /// A digit after the point.
        POINT,
        /// More digits after the point.
        FRACTION,
        /// A sign or a digit after `e`.
        EXPONENT,
        /// A digit after the exponent's sign.
        SIGN,
        /// More digits of the exponent.
        EXPONENT_DIGITS,
        /// More of `true`, `false` or `null`.
        WORD,
        /// Nothing: the document is complete.
        END
    }

    /// Before the first character.
    static JsonState start() {
        return new JsonState(0, 0, Place.START, 0, "");
    }

    boolean isComplete() {
        return place == Place.END;
    }

    private boolean inObject() {
        return (stack & 1) == 1;
    }

    private JsonState at(Place next) {
        return new JsonState(stack, depth, next, 0, "");
    }

    private Optional<JsonState> to(Place next) {
        return Optional.of(at(next));
    }

    private JsonState counting(Place next, int characters) {
        return new JsonState(stack, depth, next, characters, "");
    }

    /// After one character more; empty where it cannot stand here.
    Optional<JsonState> next(char c) {
        boolean space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        return switch (place) {
            case START -> space ? Optional.of(this) : c == '{' ? open(true) : Optional.empty();
            case FIRST_NAME ->
                    space
                            ? Optional.of(this)
                            : c == '"' ? to(Place.IN_NAME) : c == '}' ? close() : Optional.empty();
            case NAME -> space ? Optional.of(this) : when(c == '"', Place.IN_NAME);
            case COLON -> space ? Optional.of(this) : when(c == ':', Place.VALUE);
            case VALUE -> space ? Optional.of(this) : value(c);
            case FIRST_VALUE -> space ? Optional.of(this) : c == ']' ? close() : value(c);
            case AFTER -> space ? Optional.of(this) : after(c);
            case IN_NAME -> in(c, Place.IN_NAME, Place.ESCAPE_IN_NAME, Place.COLON);
            case IN_STRING -> in(c, Place.IN_STRING, Place.ESCAPE_IN_STRING, Place.AFTER);
            case ESCAPE_IN_NAME -> escape(c, Place.IN_NAME, Place.HEX_IN_NAME);
            case ESCAPE_IN_STRING -> escape(c, Place.IN_STRING, Place.HEX_IN_STRING);
            case HEX_IN_NAME -> hex(c, Place.IN_NAME);
            case HEX_IN_STRING -> hex(c, Place.IN_STRING);
            case MINUS -> c == '0' ? to(Place.ZERO) : when(isDigit(c), Place.DIGITS);
            case ZERO -> afterWhole(c);
            case DIGITS -> isDigit(c) ? Optional.of(this) : afterWhole(c);
            case POINT -> when(isDigit(c), Place.FRACTION);
            case FRACTION -> isDigit(c) ? Optional.of(this) : afterFraction(c);
            case EXPONENT ->
                    c == '+' || c == '-' ? to(Place.SIGN) : when(isDigit(c), Place.EXPONENT_DIGITS);
            case SIGN -> when(isDigit(c), Place.EXPONENT_DIGITS);
            case EXPONENT_DIGITS -> isDigit(c) ? Optional.of(this) : at(Place.AFTER).next(c);
            case WORD -> word(c);
            case END -> Optional.empty();
        };
    }

    private Optional<JsonState> when(boolean allowed, Place next) {
        return allowed ? to(next) : Optional.empty();
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private Optional<JsonState> open(boolean object) {
        if (depth == MAX_DEPTH) {
            return Optional.empty();
        }
        Place inside = object ? Place.FIRST_NAME : Place.FIRST_VALUE;
        return Optional.of(new JsonState(stack << 1 | (object ? 1 : 0), depth + 1, inside, 0, ""));
    }

    private Optional<JsonState> close() {
        Place outside = depth == 1 ? Place.END : Place.AFTER;
        return Optional.of(new JsonState(stack >> 1, depth - 1, outside, 0, ""));
    }

    private Optional<JsonState> value(char c) {
        return switch (c) {
            case '{' -> open(true);
            case '[' -> open(false);
            case '"' -> to(Place.IN_STRING);
            case '-' -> to(Place.MINUS);
            case '0' -> to(Place.ZERO);
            case 't' -> begun("rue");
            case 'f' -> begun("alse");
            case 'n' -> begun("ull");
            default -> when(isDigit(c), Place.DIGITS);
        };
    }

    private Optional<JsonState> begun(String rest) {
        return Optional.of(new JsonState(stack, depth, Place.WORD, rest.length(), rest));
    }

    private Optional<JsonState> word(char c) {
        if (c != word.charAt(word.length() - left)) {
            return Optional.empty();
        }
        return left == 1
                ? to(Place.AFTER)
                : Optional.of(new JsonState(stack, depth, Place.WORD, left - 1, word));
    }

    private Optional<JsonState> after(char c) {
        return switch (c) {
            case ',' -> to(inObject() ? Place.NAME : Place.VALUE);
            case '}' -> inObject() ? close() : Optional.empty();
            case ']' -> inObject() ? Optional.empty() : close();
            default -> Optional.empty();
        };
    }

    private Optional<JsonState> in(char c, Place same, Place escape, Place end) {
        return switch (c) {
            case '"' -> to(end);
            case '\\' -> to(escape);
            default -> c < ' ' ? Optional.empty() : to(same);
        };
    }

    private Optional<JsonState> escape(char c, Place back, Place hex) {
        if (c == 'u') {
            return Optional.of(counting(hex, 4));
        }
        return when("\"\\/bfnrt".indexOf(c) >= 0, back);
    }

    private Optional<JsonState> hex(char c, Place back) {
        if (Character.digit(c, 16) < 0 || c > 'f') {
            return Optional.empty();
        }
        return left == 1 ? to(back) : Optional.of(counting(place, left - 1));
    }

    private Optional<JsonState> afterWhole(char c) {
        return c == '.' ? to(Place.POINT) : afterFraction(c);
    }

    private Optional<JsonState> afterFraction(char c) {
        return c == 'e' || c == 'E' ? to(Place.EXPONENT) : at(Place.AFTER).next(c);
    }

    /// The fewest characters that complete the document.
    int toComplete() {
        int here =
                switch (place) {
                    case START -> 2;
                    case FIRST_NAME, FIRST_VALUE, AFTER -> 0;
                    case NAME -> 4;
                    case COLON -> 2;
                    case VALUE -> 1;
                    case IN_NAME -> 3;
                    case IN_STRING -> 1;
                    case ESCAPE_IN_NAME -> 4;
                    case ESCAPE_IN_STRING -> 2;
                    case HEX_IN_NAME -> 3 + left;
                    case HEX_IN_STRING -> 1 + left;
                    case MINUS, POINT, EXPONENT, SIGN -> 1;
                    case ZERO, DIGITS, FRACTION, EXPONENT_DIGITS -> 0;
                    case WORD -> left;
                    case END -> 0;
                };
        return here + depth;
    }
}
