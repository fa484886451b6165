package dev.tailor.text.internal.jinja.value;

import dev.tailor.text.internal.jinja.value.Value.Bool;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.Real;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Objects;

/// Python's arithmetic on numbers: `bool` counts as `int`, integers have any size, `//` and `%`
/// round down.
public final class Numbers {
    /// Larger integers cannot be printed in Python either (4300 digits).
    private static final int MAX_BITS = 14_300;

    private Numbers() {}

    /// The integer a value is, or null where it is none.
    public static @Nullable BigInteger integer(Value value) {
        if (value instanceof Int number) {
            return number.value();
        }
        if (value instanceof Bool bool) {
            return bool.truth() ? BigInteger.ONE : BigInteger.ZERO;
        }
        return null;
    }

    /// Whether a value is an `int`, a `float` or a `bool`.
    public static boolean isNumber(Value value) {
        return value instanceof Int || value instanceof Real || value instanceof Bool;
    }

    /// A number as a `float`.
    public static double real(Value value) {
        if (value instanceof Real real) {
            return real.value();
        }
        BigInteger integer = integer(value);
        if (integer == null) {
            throw Refusal.of("must be real number, not " + value.typeName());
        }
        double real = integer.doubleValue();
        if (Double.isInfinite(real)) {
            throw Refusal.of("int too large to convert to float");
        }
        return real;
    }

    /// An integer argument that fits 32 bits, such as an index or a width.
    public static int index(Value value) {
        BigInteger integer = integer(value);
        if (integer == null) {
            if (value instanceof Undefined undefined) {
                throw undefined.failure();
            }
            throw Refusal.of(
                    "'" + value.typeName() + "' object cannot be interpreted as an integer");
        }
        if (integer.bitLength() > 31) {
            throw Refusal.of("the integer " + integer + " is too large here");
        }
        return integer.intValue();
    }

    /// `left operator right` for `+ - * / // % **` on two numbers.
    public static Value apply(String operator, Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        return a != null && b != null
                ? integers(operator, a, b)
                : reals(operator, real(left), real(right));
    }

    private static Value integers(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> bounded(a.add(b));
            case "-" -> bounded(a.subtract(b));
            case "*" -> bounded(a.multiply(b));
            case "/" -> new Real(quotient(a, b));
            case "//" -> new Int(floorDivide(a, b));
            case "%" -> new Int(a.subtract(floorDivide(a, b).multiply(b)));
            case "**" ->
                    b.signum() < 0 ? reals("**", a.doubleValue(), b.doubleValue()) : power(a, b);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static Value reals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> new Real(a + b);
            case "-" -> new Real(a - b);
            case "*" -> new Real(a * b);
            case "/" -> new Real(a / nonZero(b));
            case "//" -> new Real(Math.floor(a / nonZero(b)));
            case "%" -> new Real(remainder(a, nonZero(b)));
            case "**" -> {
                if (a == 0 && b < 0) {
                    throw Refusal.of("0.0 cannot be raised to a negative power");
                }
                if (a < 0 && b != Math.rint(b)) {
                    throw Refusal.of("complex numbers are not supported");
                }
                yield new Real(Math.pow(a, b));
            }
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static Value power(BigInteger base, BigInteger exponent) {
        if (base.abs().bitLength() > 1
                && (exponent.bitLength() > 20
                        || (long) base.bitLength() * exponent.intValue() > MAX_BITS)) {
            throw Refusal.limit("an integer of more than 4300 digits");
        }
        if (base.abs().bitLength() <= 1) {
            boolean negative = base.signum() < 0 && exponent.testBit(0);
            return base.signum() == 0 && exponent.signum() > 0
                    ? Int.of(0)
                    : Int.of(negative ? -1 : 1);
        }
        return new Int(base.pow(exponent.intValue()));
    }

    private static Int bounded(BigInteger value) {
        if (value.bitLength() > MAX_BITS) {
            throw Refusal.limit("an integer of more than 4300 digits");
        }
        return new Int(value);
    }

    private static double quotient(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw Refusal.of("division by zero");
        }
        if (a.bitLength() <= 53 && b.bitLength() <= 53) {
            return a.doubleValue() / b.doubleValue();
        }
        BigDecimal divided =
                new BigDecimal(a).divide(new BigDecimal(b), 400, RoundingMode.HALF_EVEN);
        return divided.doubleValue();
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw Refusal.of("integer division or modulo by zero");
        }
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static double remainder(double a, double b) {
        double rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    private static double nonZero(double divisor) {
        if (divisor == 0) {
            throw Refusal.of("float division by zero");
        }
        return divisor;
    }

    /// Compares two numbers; a NaN is neither less nor equal nor greater, which `null` says.
    static @Nullable Integer compare(Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            return a.compareTo(b);
        }
        double x = a != null ? Double.NaN : real(left);
        double y = b != null ? Double.NaN : real(right);
        if (a == null && b == null) {
            return Double.isNaN(x) || Double.isNaN(y) ? null : x < y ? -1 : x > y ? 1 : 0;
        }
        return a != null ? compare(a, y) : negated(compare(Objects.requireNonNull(b), x));
    }

    private static @Nullable Integer compare(BigInteger integer, double real) {
        if (Double.isNaN(real)) {
            return null;
        }
        if (Double.isInfinite(real)) {
            return real > 0 ? -1 : 1;
        }
        return new BigDecimal(integer).compareTo(new BigDecimal(real));
    }

    private static @Nullable Integer negated(@Nullable Integer order) {
        return order == null ? null : Integer.valueOf(-order);
    }
}
