package dev.tailor.train.internal.distil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.train.distillation.StorePrecision;
import dev.tailor.train.distillation.TopTokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

class RowCodecTest {
    private static TopTokens rows(int vocabulary, int top, int positions) {
        Random random = new Random(vocabulary + 31L * top);
        int[] ids = random.ints((long) top * positions, 0, vocabulary).toArray();
        float[] logProbs = new float[ids.length];
        float[] logRest = new float[positions];
        for (int i = 0; i < ids.length; i++) {
            float step = random.nextInt(16) / 4f; // exact in half precision
            logProbs[i] = i % top == 0 ? -step : logProbs[i - 1] - step;
        }
        for (int i = 0; i < positions; i++) {
            logRest[i] = i % 3 == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
        }
        return new TopTokens(top, ids, logProbs, logRest);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 256, 257, 49_152, 1 << 17, 1 << 30})
    void rows_ofAnyVocabulary_comeBackAsTheyWere(int vocabulary) {
        for (StorePrecision precision : StorePrecision.values()) {
            for (int top : new int[] {1, 3, 64}) {
                for (int positions : new int[] {0, 1, 13}) {
                    RowCodec codec = new RowCodec(vocabulary, top, precision);
                    TopTokens rows = rows(vocabulary, top, positions);

                    byte[] bytes = codec.encode(rows);
                    TopTokens back = codec.decode(bytes, positions);

                    assertThat((long) bytes.length).isEqualTo(codec.bytes(positions));
                    assertThat(back.ids()).isEqualTo(rows.ids());
                    assertThat(back.logProbs()).isEqualTo(rows.logProbs());
                    assertThat(back.logRest()).isEqualTo(rows.logRest());
                }
            }
        }
    }

    @Test
    void decode_ofValuesThatCannotBe_isRefused() {
        RowCodec codec = new RowCodec(5, 2, StorePrecision.FLOAT32);
        assertRefused(codec, new int[] {0, 7}, -1, -2, 0, "token 7");
        assertRefused(codec, new int[] {0, 1}, 0.5f, -2, 0, "above 0");
        assertRefused(codec, new int[] {0, 1}, -2, -1, 0, "the one before it");
        assertRefused(codec, new int[] {0, 1}, Float.NaN, -1, 0, "NaN");
        assertRefused(codec, new int[] {0, 1}, -1, -2, Float.NaN, "no number");
    }

    private static void assertRefused(
            RowCodec codec, int[] ids, float first, float second, float rest, String reason) {
        byte[] bytes =
                codec.encode(
                        new TopTokens(2, ids, new float[] {first, second}, new float[] {rest}));

        assertThatThrownBy(() -> codec.decode(bytes, 1)).hasMessageContaining(reason);
    }

    @Test
    void inflate_ofABlockThatHoldsMoreOrLess_isRefused() {
        byte[] block = Zlib.deflate(new byte[100]);

        assertThat(Zlib.inflate(block, 100)).hasSize(100);
        for (int length : new int[] {0, 99, 101}) {
            assertThatThrownBy(() -> Zlib.inflate(block, length))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Zlib.inflate(new byte[] {1, 2, 3}, 100))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
