package dev.tailor.workflow.internal.keys;

import java.util.List;
import java.util.Map;

/// What a key may hold. The comment of each case names the Java type it is read as.
public sealed interface KeyType {
    /// Any text (`String`); `meaning` says what kind: "a model", "a path", "a name".
    record Text(String meaning) implements KeyType {}

    /// Text of a fixed form (`String`).
    record Pattern(String regex, String meaning) implements KeyType {}

    /// A whole number within a range, both ends included (`Long`).
    record Whole(long minimum, long maximum) implements KeyType {}

    /// A number within a range (`Double`).
    record Real(Range range) implements KeyType {}

    /// True or false (`Boolean`).
    record Flag() implements KeyType {}

    /// One of a few words (`String`).
    record Choice(List<String> words) implements KeyType {}

    /// A list, or a single value that counts as a list of one (`List`).
    record Items(KeyType item) implements KeyType {}

    /// A mapping with free keys (`Map<String, ...>`, in file order).
    record Entries(KeyType value) implements KeyType {}

    /// A mapping with known keys (`Values`).
    record Nested(Shape shape) implements KeyType {}

    /// One of several named shapes: `name: {...}`, or `name` alone for its defaults (`Variant`).
    record Variants(Map<String, Shape> shapes) implements KeyType {}

    /// One of a few words, or several with positive weights: `word`, or `{word: 1.0, other: 0.5}`
    /// (`Weights`).
    record Weights(List<String> words) implements KeyType {}

    /// Any YAML (`YamlNode`), checked by whoever understands it.
    record Free(String meaning) implements KeyType {}

    /// An interval of numbers.
    record Range(double minimum, boolean minimumIncluded, double maximum, boolean maximumIncluded) {
        /// `[minimum, maximum]`.
        public static Range closed(double minimum, double maximum) {
            return new Range(minimum, true, maximum, true);
        }

        /// Everything from `minimum` on.
        public static Range atLeast(double minimum) {
            return new Range(minimum, true, Double.POSITIVE_INFINITY, false);
        }

        /// Everything above `minimum`.
        public static Range above(double minimum) {
            return new Range(minimum, false, Double.POSITIVE_INFINITY, false);
        }

        /// `(minimum, maximum]`.
        public static Range aboveUpTo(double minimum, double maximum) {
            return new Range(minimum, false, maximum, true);
        }

        /// `[minimum, maximum)`.
        public static Range fromBelow(double minimum, double maximum) {
            return new Range(minimum, true, maximum, false);
        }

        /// Whether the value lies within.
        public boolean contains(double value) {
            return (minimumIncluded ? value >= minimum : value > minimum)
                    && (maximumIncluded ? value <= maximum : value < maximum);
        }

        /// "at least 0", "above 0 and at most 1".
        @Override
        public String toString() {
            String low = (minimumIncluded ? "at least " : "above ") + plain(minimum);
            if (Double.isInfinite(maximum)) {
                return low;
            }
            return low + " and " + (maximumIncluded ? "at most " : "below ") + plain(maximum);
        }

        private static String plain(double value) {
            return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
        }
    }
}
