package dev.tailor.tensors.internal;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;

/// The vector kernels against their scalar twins, and the scalar twins against the JDK and tables.
class ConversionsTest {
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

    private record Widening(String name, int bytes, Widen widen) {
        @Override
        public String toString() {
            return name;
        }
    }

    private record Narrowing(String name, int bytes, Narrow narrow) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Widen {
        void run(
                ConversionKernels k,
                MemorySegment source,
                long offset,
                float[] target,
                int at,
                int n);
    }

    private interface Narrow {
        void run(
                ConversionKernels k,
                float[] source,
                int at,
                MemorySegment target,
                long offset,
                int n);
    }

    static Stream<Arguments> wideningsAndSizes() {
        return withSizes(
                Stream.of(
                        new Widening("bf16", 2, ConversionKernels::bf16ToFloat),
                        new Widening("f16", 2, ConversionKernels::f16ToFloat),
                        new Widening("e4m3", 1, ConversionKernels::e4m3ToFloat),
                        new Widening("e5m2", 1, ConversionKernels::e5m2ToFloat)));
    }

    static Stream<Arguments> narrowingsAndSizes() {
        return withSizes(
                Stream.of(
                        new Narrowing("bf16", 2, ConversionKernels::floatToBf16),
                        new Narrowing("f16", 2, ConversionKernels::floatToF16),
                        new Narrowing("e4m3", 1, ConversionKernels::floatToE4m3),
                        new Narrowing("e5m2", 1, ConversionKernels::floatToE5m2)));
    }

    private static Stream<Arguments> withSizes(Stream<?> kernels) {
        return kernels.flatMap(kernel ->
                Stream.of(0, 1, LANES - 1, LANES, LANES + 1, 2 * LANES, 5 * LANES + 3, 70_000)
                        .map(n -> Arguments.of(kernel, n)));
    }

    @ParameterizedTest
    @MethodSource("wideningsAndSizes")
    void widening_vectorAndScalar_sameBits(Widening kernel, int n) {
        byte[] bits = new byte[3 + n * kernel.bytes()];
        for (int i = 0; i < n; i++) {
            bits[3 + i * kernel.bytes()] = (byte) i;
            if (kernel.bytes() == 2) {
                bits[3 + 2 * i + 1] = (byte) (i >> 8);
            }
        }
        MemorySegment source = MemorySegment.ofArray(bits);
        float[] expected = new float[n + 2];
        float[] actual = new float[n + 2];

        kernel.widen().run(new ScalarConversions(), source, 3, expected, 1, n);
        kernel.widen().run(new VectorConversions(), source, 3, actual, 1, n);

        assertThat(rawBits(actual)).isEqualTo(rawBits(expected));
    }

    @ParameterizedTest
    @MethodSource("narrowingsAndSizes")
    void narrowing_vectorAndScalar_sameBits(Narrowing kernel, int n) {
        float[] source = hardFloats(n + 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = arena.allocate(1 + (long) n * kernel.bytes());
            MemorySegment actual = arena.allocate(1 + (long) n * kernel.bytes());

            kernel.narrow().run(new ScalarConversions(), source, 1, expected, 1, n);
            kernel.narrow().run(new VectorConversions(), source, 1, actual, 1, n);

            assertThat(actual.mismatch(expected)).isEqualTo(-1);
        }
    }

    @Test
    void f16_everyBitPattern_widensLikeTheJdk() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float expected = Float.float16ToFloat((short) bits);
            float actual = ScalarConversions.f16ToFloat((short) bits);
            assertThat(Float.compare(actual, expected)).as("bits %x", bits).isZero();
        }
    }

    @Test
    void floatToF16_hardNumbers_roundsLikeTheJdk() {
        for (float value : hardFloats(200_000)) {
            if (!Float.isNaN(value)) {
                assertThat(ScalarConversions.floatToF16(value))
                        .as("%a", value)
                        .isEqualTo(Float.floatToFloat16(value));
            }
        }
    }

    @Test
    void narrowing_everyWidenedValue_givesItBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            short s = (short) bits;
            if (!Float.isNaN(ScalarConversions.bf16ToFloat(s))) {
                assertThat(ScalarConversions.floatToBf16(ScalarConversions.bf16ToFloat(s)))
                        .isEqualTo(s);
            }
            byte b = (byte) bits;
            if (!Float.isNaN(ScalarConversions.e5m2ToFloat(b))) {
                assertThat(ScalarConversions.floatToE5m2(ScalarConversions.e5m2ToFloat(b)))
                        .isEqualTo(b);
            }
            if (!Float.isNaN(ScalarConversions.e4m3ToFloat(b))) {
                assertThat(ScalarConversions.floatToE4m3(ScalarConversions.e4m3ToFloat(b)))
                        .isEqualTo(b);
            }
        }
    }

    @Test
    void narrowing_betweenNeighbours_takesTheNearerAndTheEvenOfTwo() {
        for (int bits = 0; bits < 0x7E; bits++) {
            float low = ScalarConversions.e4m3ToFloat((byte) bits);
            float high = ScalarConversions.e4m3ToFloat((byte) (bits + 1));
            float middle = (low + high) / 2;
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertThat(ScalarConversions.floatToE4m3(middle)).isEqualTo((byte) even);
            assertThat(ScalarConversions.floatToE4m3(Math.nextDown(middle))).isEqualTo((byte) bits);
            assertThat(ScalarConversions.floatToE4m3(Math.nextUp(middle)))
                    .isEqualTo((byte) (bits + 1));
        }
    }

    @Test
    void e4m3_limits_haveTheirKnownValues() {
        assertThat(ScalarConversions.e4m3ToFloat((byte) 0x7E)).isEqualTo(448f);
        assertThat(ScalarConversions.e4m3ToFloat((byte) 0x01)).isEqualTo(0x1p-9f);
        assertThat(ScalarConversions.e4m3ToFloat((byte) 0x08)).isEqualTo(0x1p-6f);
        assertThat(ScalarConversions.e4m3ToFloat((byte) 0xFF)).isNaN();
        assertThat(ScalarConversions.floatToE4m3(464f)).isEqualTo((byte) 0x7E);
        assertThat(ScalarConversions.floatToE4m3(465f)).isEqualTo((byte) 0x7F);
        assertThat(ScalarConversions.floatToE4m3(Float.NEGATIVE_INFINITY)).isEqualTo((byte) 0xFF);
    }

    @Test
    void e5m2_limits_haveTheirKnownValues() {
        assertThat(ScalarConversions.e5m2ToFloat((byte) 0x7B)).isEqualTo(57344f);
        assertThat(ScalarConversions.e5m2ToFloat((byte) 0x7C)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ScalarConversions.floatToE5m2(61440f)).isEqualTo((byte) 0x7C);
        assertThat(ScalarConversions.floatToE5m2(Math.nextDown(61440f))).isEqualTo((byte) 0x7B);
    }

    @Test
    void nan_narrowed_staysNanOfTheSameSign() {
        for (int payload : new int[] {0x7F80_0001, 0x7FC0_0000, 0x7FFF_FFFF, 0x7FBF_FFFF}) {
            for (int sign : new int[] {0, 0x8000_0000}) {
                float nan = Float.intBitsToFloat(payload | sign);
                float bf16 = ScalarConversions.bf16ToFloat(ScalarConversions.floatToBf16(nan));
                float f16 = ScalarConversions.f16ToFloat(ScalarConversions.floatToF16(nan));
                float e4m3 = ScalarConversions.e4m3ToFloat(ScalarConversions.floatToE4m3(nan));
                float e5m2 = ScalarConversions.e5m2ToFloat(ScalarConversions.floatToE5m2(nan));
                for (float result : new float[] {bf16, f16, e4m3, e5m2}) {
                    assertThat(result).isNaN();
                    assertThat(Float.floatToRawIntBits(result) & 0x8000_0000)
                            .isEqualTo(Float.floatToRawIntBits(nan) & 0x8000_0000);
                }
            }
        }
    }

    /// Random bit patterns, and numbers at and beside the halfway points of every format.
    private static float[] hardFloats(int n) {
        Random random = new Random(n);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            int bits = random.nextInt();
            values[i] =
                    switch (i % 4) {
                        case 0 -> Float.intBitsToFloat(bits);
                        case 1 -> Float.intBitsToFloat((bits & 0xFFFF_0000) | 0x8000);
                        case 2 ->
                                Float.intBitsToFloat(
                                        (bits & 0xFFFF_E000 | 0x1000) + random.nextInt(3) - 1);
                        default ->
                                (float) (random.nextGaussian() * Math.exp(random.nextInt(40) - 30));
                    };
        }
        return values;
    }

    private static int[] rawBits(float[] values) {
        int[] bits = new int[values.length];
        MemorySegment.copy(
                MemorySegment.ofArray(values), ValueLayout.JAVA_INT, 0, bits, 0, bits.length);
        return bits;
    }
}
