package dev.tailor.tensors;

import java.util.List;
import java.util.stream.Collectors;

/// A metadata value of a GGUF file.
public sealed interface GgufValue {
    /// The kinds of value.
    enum Kind {
        UINT8(0, 1),
        INT8(1, 1),
        UINT16(2, 2),
        INT16(3, 2),
        UINT32(4, 4),
        INT32(5, 4),
        FLOAT32(6, 4),
        BOOL(7, 1),
        /// Length as 8 bytes, then UTF-8.
        STRING(8, 8),
        /// Kind of the elements as 4 bytes, count as 8 bytes, then the elements.
        ARRAY(9, 12),
        UINT64(10, 8),
        INT64(11, 8),
        FLOAT64(12, 8);

        private final int id;
        private final int leastBytes;

        Kind(int id, int leastBytes) {
            this.id = id;
            this.leastBytes = leastBytes;
        }

        /// The number that stands for this kind in a file.
        public int id() {
            return id;
        }

        /// The fewest bytes one value takes in the file; exactly that many for numbers.
        public int leastBytes() {
            return leastBytes;
        }

        boolean isWhole() {
            return switch (this) {
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
                case FLOAT32, BOOL, STRING, ARRAY, FLOAT64 -> false;
            };
        }
    }

    /// What kind of value this is.
    Kind kind();

    /// As people read it, cut where it is longer than so many characters: of an array, the number
    /// of its elements and the first of them.
    default String toText(int most) {
        String text =
                switch (this) {
                    case Whole whole ->
                            whole.kind() == Kind.UINT64
                                    ? Long.toUnsignedString(whole.value())
                                    : String.valueOf(whole.value());
                    case Real real ->
                            real.kind() == Kind.FLOAT32
                                    ? String.valueOf((float) real.value())
                                    : String.valueOf(real.value());
                    case Bool bool -> String.valueOf(bool.value());
                    case Text string -> string.value().strip().replaceAll("\\s+", " ");
                    case Array array ->
                            array.values().size()
                                    + ": "
                                    + array.values().stream()
                                            .limit(most)
                                            .map(each -> each.toText(most))
                                            .collect(Collectors.joining(" "));
                };
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }

    /// A whole number; `UINT64` keeps its bits in a signed long.
    record Whole(Kind kind, long value) implements GgufValue {
        public Whole {
            if (!kind.isWhole()) {
                throw new IllegalArgumentException(kind + " is not a kind of whole number");
            }
        }
    }

    /// A floating-point number.
    record Real(Kind kind, double value) implements GgufValue {
        public Real {
            if (kind != Kind.FLOAT32 && kind != Kind.FLOAT64) {
                throw new IllegalArgumentException(kind + " is not a kind of real number");
            }
        }
    }

    /// True or false.
    record Bool(boolean value) implements GgufValue {
        @Override
        public Kind kind() {
            return Kind.BOOL;
        }
    }

    /// A string.
    record Text(String value) implements GgufValue {
        @Override
        public Kind kind() {
            return Kind.STRING;
        }
    }

    /// Values of one kind.
    record Array(Kind element, List<GgufValue> values) implements GgufValue {
        public Array {
            values = List.copyOf(values);
            for (GgufValue value : values) {
                if (value.kind() != element) {
                    throw new IllegalArgumentException(value.kind() + " in an array of " + element);
                }
            }
        }

        @Override
        public Kind kind() {
            return Kind.ARRAY;
        }
    }

    /// An unsigned 32-bit number, the usual kind for sizes and ids.
    static GgufValue uint32(long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException(value + " does not fit 32 unsigned bits");
        }
        return new Whole(Kind.UINT32, value);
    }

    /// A single-precision number.
    static GgufValue float32(double value) {
        return new Real(Kind.FLOAT32, (float) value);
    }

    /// True or false.
    static GgufValue bool(boolean value) {
        return new Bool(value);
    }

    /// A string.
    static GgufValue text(String value) {
        return new Text(value);
    }

    /// An array of strings.
    static GgufValue texts(List<String> values) {
        return new Array(Kind.STRING, values.stream().map(GgufValue::text).toList());
    }

    /// An array of signed 32-bit numbers.
    static GgufValue int32s(List<Integer> values) {
        return new Array(
                Kind.INT32,
                values.stream().map(value -> (GgufValue) new Whole(Kind.INT32, value)).toList());
    }

    /// An array of single-precision numbers.
    static GgufValue float32s(List<Float> values) {
        return new Array(Kind.FLOAT32, values.stream().map(GgufValue::float32).toList());
    }

    /// An array of bytes.
    static GgufValue uint8s(byte[] values) {
        GgufValue[] boxed = new GgufValue[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = new Whole(Kind.UINT8, values[i] & 0xFF);
        }
        return new Array(Kind.UINT8, List.of(boxed));
    }
}
