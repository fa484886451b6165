package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;

/// The expected bytes were recorded from the `gguf` Python package 0.19.0 (`quants.quantize`) on
/// the numbers of [#sample()].
class GgmlTypeTest {
    /// Halves (which round away from zero), a block of tiny numbers with one large and one lost in
    /// it, and a block of zeros.
    private static float[] sample() {
        float[] x = new float[96];
        for (int i = 0; i < 96; i++) {
            x[i] = ((i * 7919) % 257 - 128) / 64f;
            if (i >= 32) {
                x[i] = i < 64 ? x[i] * 1e-3f : 0;
            }
        }
        x[40] = -63.5f;
        x[41] = 0.25f;
        return x;
    }

    @Test
    void encode_q8_0_givesTheReferenceBytes() {
        assertThat(hex(encode(GgmlType.Q8_0, sample())))
                .isEqualTo(
                        "0824815021f1c192613202d2a3724213e3b4845324f4c495643505d5a6754516e6b7"
                                + "0038000000000000000081010000000000000000000000000000000000000000"
                                + "0000000000000000000000000000000000000000000000000000000000000000"
                                + "00000000");
    }

    @Test
    void encode_bf16_roundsLikeTheReference() {
        assertThat(hex(encode(GgmlType.BF16, sample())))
                .startsWith(
                        "00c0a23f043f70be7cbfdebfc43f483f003d38bfbcbfe63f863f983ee8be9abffabfa83f"
                            + "103f40be70bfd8bfca3f543fa03d2cbfb6bfec3f8c3fb03ed0be94bffabab23a");
    }

    @Test
    void decode_q8_0_isWithinHalfAStepOfTheSource() {
        float[] x = sample();
        float[] decoded = new float[x.length];
        GgmlType.Q8_0.decode(MemorySegment.ofArray(encode(GgmlType.Q8_0, x)), decoded);

        for (int block = 0; block < 3; block++) {
            float largest = 0;
            for (int i = 0; i < 32; i++) {
                largest = Math.max(largest, Math.abs(x[block * 32 + i]));
            }
            for (int i = 0; i < 32; i++) {
                // Half a step, and the half-precision rounding of the scale on top.
                assertThat(Math.abs(decoded[block * 32 + i] - x[block * 32 + i]))
                        .isLessThanOrEqualTo(largest / 254 + largest / 2000);
            }
        }
    }

    @Test
    void encode_notANumber_staysOneInBf16() {
        float[] decoded = new float[2];
        GgmlType.BF16.decode(
                MemorySegment.ofArray(
                        encode(GgmlType.BF16, Float.intBitsToFloat(0x7F800001), Float.MAX_VALUE)),
                decoded);

        assertThat(decoded[0]).isNaN();
        assertThat(decoded[1]).isInfinite();
    }

    @Test
    void fits_rowsThatAreNotWholeBlocks_isFalse() {
        assertThat(GgmlType.Q8_0.fits(List.of(32L, 48L))).isFalse();
        assertThat(GgmlType.Q8_0.fits(List.of(3L, 64L))).isTrue();
        assertThat(GgmlType.F16.fits(List.of(3L))).isTrue();
        assertThatThrownBy(() -> GgmlType.Q8_0.bytes(48))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] encode(GgmlType type, float... values) {
        MemorySegment target = MemorySegment.ofArray(new byte[(int) type.bytes(values.length)]);
        type.encode(values, values.length, target);
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
