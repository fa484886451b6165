package dev.tailor.train.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.GoldenBatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class DistillationTest {
    private static final int VOCABULARY = 512;
    private static final int TOP = 16;

    /// 3 rows of 24 positions, of which `mask` counts.
    private record Positions(
            float[] student, float[] teacher, int[] topIds, float[] topLogProbs, long[] mask) {
        static Positions read() {
            try (Checkpoint file = Checkpoint.open(Golden.file("distill.safetensors"))) {
                return new Positions(
                        GoldenBatch.floats(file, "student_logits"),
                        GoldenBatch.floats(file, "teacher_logits"),
                        Arrays.stream(longs(file, "top16_ids")).mapToInt(id -> (int) id).toArray(),
                        GoldenBatch.floats(file, "top16_logprobs"),
                        longs(file, "mask"));
            }
        }

        float[] student(int position) {
            return row(student, position, VOCABULARY);
        }

        TeacherDistribution teacher(String kind, int position, double temperature) {
            if (kind.equals("dense")) {
                return TeacherDistribution.dense(row(teacher, position, VOCABULARY), temperature);
            }
            return TeacherDistribution.top(
                    Arrays.copyOfRange(topIds, position * TOP, (position + 1) * TOP),
                    row(topLogProbs, position, TOP),
                    Double.NaN,
                    kind.equals("top16_zero") ? MissingMass.ZERO : MissingMass.ONE_TOKEN,
                    temperature);
        }

        double mean(IntToDoubleFunction loss) {
            return IntStream.range(0, mask.length)
                    .filter(i -> mask[i] == 1)
                    .mapToDouble(loss)
                    .average()
                    .orElseThrow();
        }
    }

    private static final Positions GOLDEN = Positions.read();

    private static long[] longs(Checkpoint file, String name) {
        return file.data(name).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    }

    private static float[] row(float[] values, int row, int width) {
        return Arrays.copyOfRange(values, row * width, (row + 1) * width);
    }

    private static TokenDivergence divergence(String name) {
        return switch (name) {
            case "kl" -> new TokenDivergence.ForwardKl();
            case "jsd" -> new TokenDivergence.JensenShannon();
            default -> new TokenDivergence.TotalVariation();
        };
    }

    static Stream<String> recorded() {
        return Stream.of("kl", "jsd", "tvd")
                .flatMap(kind ->
                        Stream.of("dense", "top16_zero", "top16_symmetric_uniform")
                                .flatMap(teacher ->
                                        Stream.of("T1", "T2")
                                                .map(t -> kind + " " + teacher + " " + t)));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void divergence_onGoldenLogits_isTheRecordedOne(String name) throws IOException {
        String[] words = name.split(" ");
        double temperature = words[2].equals("T1") ? 1 : 2;

        double mean =
                GOLDEN.mean(i ->
                        LogitTerm.distillation(
                                        divergence(words[0]),
                                        GOLDEN.student(i),
                                        GOLDEN.teacher(words[1], i, temperature))
                                .loss());

        assertThat(mean).isCloseTo(recorded(name.replace(' ', '_')), within(1e-5));
    }

    @Test
    void crossEntropy_onGoldenLogits_isTheRecordedOne() throws IOException {
        long[] ids;
        try (Checkpoint file = Checkpoint.open(Golden.file("sft.safetensors"))) {
            ids = longs(file, "input_ids");
        }
        double sum = 0;
        int count = 0;
        for (int i = 0; i + 1 < ids.length; i++) {
            if ((i + 1) % 24 != 0 && GOLDEN.mask()[i + 1] == 1) {
                sum += LogitTerm.crossEntropy(GOLDEN.student(i), (int) ids[i + 1]).loss();
                count++;
            }
        }

        assertThat(sum / count).isCloseTo(recorded("cross_entropy"), within(1e-5));
    }

    /// The record is a mean over the embedding's output and both layers'.
    @Test
    void hiddenStateLosses_onGoldenStates_areTheRecordedOnes() throws IOException {
        double square = 0;
        double cosine = 0;
        try (Checkpoint file = Checkpoint.open(Golden.file("distill.safetensors"))) {
            for (int layer = 0; layer < 3; layer++) {
                float[] student = GoldenBatch.floats(file, "student_hidden." + layer);
                float[] teacher = GoldenBatch.floats(file, "teacher_hidden." + layer);
                square +=
                        GOLDEN.mean(i ->
                                HiddenTerm.meanSquare(row(student, i, 64), row(teacher, i, 64))
                                        .loss())
                                / 3;
                cosine +=
                        GOLDEN.mean(i ->
                                HiddenTerm.cosine(row(student, i, 64), row(teacher, i, 64)).loss())
                                / 3;
            }
        }

        assertThat(square).isCloseTo(recorded("hs_mse"), within(1e-5));
        assertThat(cosine).isCloseTo(recorded("hs_cosine"), within(1e-5));
    }

    @ParameterizedTest
    @CsvSource({
        "forward, dense, 1",
        "forward, ZERO, 2",
        "forward, ONE_TOKEN, 0.5",
        "reverse, dense, 2",
        "reverse, ONE_TOKEN, 1",
        "jensen-shannon, dense, 1",
        "jensen-shannon, ZERO, 2",
        "jensen-shannon, ONE_TOKEN, 2",
        "total variation, dense, 2",
        "total variation, ZERO, 1",
        "total variation, ONE_TOKEN, 2"
    })
    void slopes_areThoseOfTheLoss(String kind, String teacherKind, double temperature) {
        TokenDivergence divergence =
                switch (kind) {
                    case "forward" -> new TokenDivergence.ForwardKl();
                    case "reverse" -> new TokenDivergence.ReverseKl();
                    case "jensen-shannon" -> new TokenDivergence.JensenShannon();
                    default -> new TokenDivergence.TotalVariation();
                };
        float[] student = {0.5f, -1, 2, 0.25f, -0.75f, 1};
        TeacherDistribution teacher =
                teacherKind.equals("dense")
                        ? TeacherDistribution.dense(
                                new float[] {1, 0.5f, -2, 0.75f, 3, 0}, temperature)
                        : TeacherDistribution.top(
                                new int[] {4, 1, 0},
                                new float[] {
                                    (float) Math.log(0.5),
                                    (float) Math.log(0.2),
                                    (float) Math.log(0.1)
                                },
                                Math.log(0.3),
                                MissingMass.valueOf(teacherKind),
                                temperature);

        assertSlopes(
                student,
                logits -> {
                    LogitTerm term = LogitTerm.distillation(divergence, logits, teacher);
                    LogitTerm mixed = term.mixed(0.5, LogitTerm.crossEntropy(logits, 2), 1.5);
                    return new Graded(mixed.loss(), mixed.slopes());
                });
    }

    @Test
    void hiddenSlopes_areThoseOfTheLoss() {
        float[] student = new float[8];
        float[] teacher = new float[8];
        Random random = new Random(5);
        for (int i = 0; i < student.length; i++) {
            student[i] = random.nextInt(-16, 16) / 8f;
            teacher[i] = random.nextInt(-16, 16) / 8f;
        }

        assertSlopes(
                student,
                values -> {
                    HiddenTerm term = HiddenTerm.meanSquare(values, teacher);
                    return new Graded(term.loss(), term.slopes());
                });
        assertSlopes(
                student,
                values -> {
                    HiddenTerm term = HiddenTerm.cosine(values, teacher);
                    return new Graded(term.loss(), term.slopes());
                });
    }

    private record Graded(double loss, double[] slopes) {}

    private interface Function {
        Graded at(float[] values);
    }

    /// Central differences with a step that float32 holds exactly.
    private static void assertSlopes(float[] at, Function function) {
        double[] slopes = function.at(at).slopes();
        float step = 1f / 4096;
        for (int i = 0; i < at.length; i++) {
            float[] up = at.clone();
            float[] down = at.clone();
            up[i] += step;
            down[i] -= step;
            double slope = (function.at(up).loss() - function.at(down).loss()) / (2.0 * step);
            assertThat(slopes[i]).as("value " + i).isCloseTo(slope, within(2e-7));
        }
    }

    @Test
    void reverseKl_ofATeacherThatExcludesTokens_isRefused() {
        TeacherDistribution teacher =
                TeacherDistribution.top(new int[] {1}, new float[] {-1}, 0, MissingMass.ZERO, 1);

        assertThatThrownBy(() ->
                        LogitTerm.distillation(
                                new TokenDivergence.ReverseKl(), new float[] {0, 1, 2}, teacher))
                .hasMessageContaining("infinite");
    }

    private static double recorded(String name) throws IOException {
        JsonNode results =
                JsonMapper.builder()
                        .build()
                        .readTree(Files.readAllBytes(Golden.file("results.json")));
        return results.get("distillkit").get(name).asDouble();
    }
}
