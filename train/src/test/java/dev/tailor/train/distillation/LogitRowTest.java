package dev.tailor.train.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Single precision against its twin in double, at sizes around the lanes of vectors.
class LogitRowTest {
    private static final List<TokenDivergence> DIVERGENCES =
            List.of(
                    new TokenDivergence.ForwardKl(),
                    new TokenDivergence.ReverseKl(),
                    new TokenDivergence.JensenShannon(),
                    new TokenDivergence.TotalVariation());

    private static float[] logits(int size, Random random) {
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = (float) (4 * random.nextGaussian());
        }
        return logits;
    }

    private static void assertSame(
            double loss, float[] row, LogitTerm expected, int shared, double scale) {
        assertThat(loss).isCloseTo(expected.loss(), within(2e-5 * (1 + expected.loss())));
        for (int i = 0; i < row.length; i++) {
            double slope = i < shared ? scale * expected.slopes()[i] : 0;
            assertThat((double) row[i]).as("slope " + i).isCloseTo(slope, within(2e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 15, 16, 17, 33, 1000})
    void divergenceFromEveryLogit_isItsTwin(int size) {
        Random random = new Random(size);
        for (TokenDivergence divergence : DIVERGENCES) {
            for (double temperature : new double[] {0.5, 1, 3}) {
                // two more rows of the embedding than the teacher has
                float[] student = logits(size + 2, random);
                float[] teacher = logits(size, random);
                float[] row = student.clone();
                LogitRow compared = new LogitRow(row, size);

                double loss = compared.divergence(divergence, teacher, temperature, 0.25);
                compared.finish();

                LogitTerm expected =
                        LogitTerm.distillation(
                                divergence,
                                Arrays.copyOf(student, size),
                                TeacherDistribution.dense(teacher, temperature));
                assertSame(loss, row, expected, size, 0.25);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 17, 33, 1000})
    void divergenceFromTheLikeliest_isItsTwin(int size) {
        Random random = new Random(size);
        for (TokenDivergence divergence : DIVERGENCES) {
            for (int top : new int[] {1, size / 2, size}) {
                float[] student = logits(size, random);
                TeacherDistribution teacher = likeliest(logits(size, random), top, 2);
                float[] row = student.clone();
                LogitRow compared = new LogitRow(row, size);

                double loss = compared.divergence(divergence, teacher, 1);
                compared.finish();

                assertSame(
                        loss, row, LogitTerm.distillation(divergence, student, teacher), size, 1);
            }
        }
    }

    /// By the definition, without the store.
    private static TeacherDistribution likeliest(float[] logits, int top, double temperature) {
        double[] logProbs = Softmax.logProbs(logits, 1);
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(logits[b], logits[a]));
        int[] ids = new int[top];
        float[] listed = new float[top];
        double rest = 0;
        for (int i = 0; i < order.length; i++) {
            if (i < top) {
                ids[i] = order[i];
                listed[i] = (float) logProbs[order[i]];
            } else {
                rest += Math.exp(logProbs[order[i]] / temperature);
            }
        }
        return TeacherDistribution.top(ids, listed, Math.log(rest), MissingMass.REST, temperature);
    }

    @Test
    void crossEntropyBesideADivergence_addsUp() {
        Random random = new Random(9);
        float[] student = logits(50, random);
        float[] teacher = logits(50, random);
        float[] row = student.clone();
        LogitRow both = new LogitRow(row, 50);

        double words = both.crossEntropy(7, 0.25);
        double kl = both.divergence(new TokenDivergence.ForwardKl(), teacher, 2, 0.75);
        both.finish();

        LogitTerm expected =
                LogitTerm.distillation(
                                new TokenDivergence.ForwardKl(),
                                student,
                                TeacherDistribution.dense(teacher, 2))
                        .mixed(0.75, LogitTerm.crossEntropy(student, 7), 0.25);
        assertSame(0.25 * words + 0.75 * kl, row, expected, 50, 1);
    }

    @Test
    void reverseKl_ofATeacherThatExcludesTokens_isRefused() {
        TeacherDistribution teacher =
                TeacherDistribution.top(new int[] {1}, new float[] {-1}, 0, MissingMass.ZERO, 1);
        LogitRow row = new LogitRow(new float[] {0, 1, 2}, 3);

        assertThatThrownBy(() -> row.divergence(new TokenDivergence.ReverseKl(), teacher, 1))
                .hasMessageContaining("infinite");
    }
}
