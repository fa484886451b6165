package dev.tailor.torch.internal.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Every rule over a few steps with made-up gradients: against numbers recorded from PyTorch and
/// transformers, or against the paper's formulas in double precision.
class ParameterStateTest {
    private static final double RATE = 0.01;
    private static final int STEPS = 4;
    private static final AdamWSettings ADAMW = new AdamWSettings(0.9, 0.99, 1e-8, 0.1, false);

    @BeforeAll
    static void load() {
        Native.load();
    }

    @AfterEach
    void oneThread() {
        Torch.threads(1);
    }

    private static Stream<OptimizerSettings> settings() {
        return Stream.of(
                ADAMW,
                new OptimizerSettings.AdamW8Bit(ADAMW),
                OptimizerSettings.Lion.defaults(0.1),
                new OptimizerSettings.Adafactor(0.1),
                new OptimizerSettings.Muon(0.95, ADAMW),
                new OptimizerSettings.ScheduleFree(ADAMW));
    }

    private static float[] weights(int count) {
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (float) (0.5 * Math.sin(0.7 * i));
        }
        return weights;
    }

    private static float[] gradient(int count, int step) {
        float[] gradient = new float[count];
        for (int i = 0; i < count; i++) {
            gradient[i] = (float) (0.1 * (1 + i % 7) * Math.cos(1.3 * i + 0.9 * step));
        }
        return gradient;
    }

    /// The values after some steps, and what is shown as the result.
    private record Trained(float[] learning, float[] result) {}

    private static Trained train(OptimizerSettings settings, double scale, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return Scoped.call(() -> {
            try (Parameter parameter =
                            new Parameter("weight", Tensors.floats(weights(count), shape));
                    ParameterState state = ParameterState.of(parameter, settings)) {
                parameter.trainable(true);
                for (int t = 0; t < STEPS; t++) {
                    parameter.accumulate(Tensors.floats(gradient(count, t), shape));
                    ParameterState.step(List.of(state), new Step(t + 1, RATE, scale));
                    parameter.dropGradient();
                }
                float[] learning = Tensors.floats(parameter.data());
                state.showResult();
                float[] result = Tensors.floats(parameter.data());
                state.showLearning();
                assertThat(Tensors.floats(parameter.data())).isEqualTo(learning);
                return new Trained(learning, result);
            }
        });
    }

    private static void assertClose(float[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i])
                    .as("value %d", i)
                    .isCloseTo(expected[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void values_doNotDependOnTheNumberOfThreads(OptimizerSettings settings) {
        Torch.threads(1);
        float[] one = train(settings, 0.5, 150, 70).result();
        Torch.threads(3);
        assertThat(train(settings, 0.5, 150, 70).result()).isEqualTo(one);
    }

    /// A rule in double precision: one value, its gradient, its memories, the step's number.
    private interface Reference {
        double apply(double x, double g, double[] memory, int step);
    }

    private static double[] follow(Reference rule, int count, double scale) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            double x = weights(count)[i];
            double[] memory = {0, 0, x, x};
            for (int t = 0; t < STEPS; t++) {
                x = rule.apply(x, gradient(count, t)[i] * scale, memory, t + 1);
            }
            values[i] = x;
        }
        return values;
    }

    @Test
    void lion_followsAlgorithm2() {
        Reference lion =
                (x, g, m, t) -> {
                    double direction = Math.signum(0.9 * m[0] + 0.1 * g);
                    m[0] = 0.99 * m[0] + 0.01 * g;
                    return x * (1 - RATE * 0.1) - RATE * direction;
                };
        assertClose(
                train(OptimizerSettings.Lion.defaults(0.1), 0.5, 6, 35).learning(),
                follow(lion, 210, 0.5),
                1e-6);
    }

    @Test
    void scheduleFree_followsAlgorithm1_andShowsTheAverage() {
        double[] averages = new double[210];
        int[] next = {0};
        Reference free =
                (y, g, m, t) -> {
                    m[1] = 0.99 * m[1] + 0.01 * g * g;
                    double root = Math.sqrt(m[1] / (1 - Math.pow(0.99, t))) + 1e-8;
                    m[2] -= RATE * (g / root + 0.1 * y);
                    m[3] = (1 - 1.0 / t) * m[3] + 1.0 / t * m[2];
                    averages[next[0]] = m[3];
                    next[0] += t == STEPS ? 1 : 0;
                    return 0.1 * m[2] + 0.9 * m[3];
                };
        double[] expected = follow(free, 210, 1);

        Trained trained = train(new OptimizerSettings.ScheduleFree(ADAMW), 1, 6, 35);

        assertClose(trained.learning(), expected, 1e-6);
        assertClose(trained.result(), averages, 1e-6);
    }

    /// Recorded from transformers 5.18's Adafactor, float32: lr 0.01, no scaling by the parameter,
    /// no relative step, weight decay 0.1 for the matrix and 0 for the vector.
    @Test
    void adafactor_matchesRecordedValues() {
        assertClose(
                train(new OptimizerSettings.Adafactor(0.1), 1, 3, 5).learning(),
                new double[] {
                    -0.00075736, 0.32549435, 0.505786, 0.41686153, 0.11327591,
                    -0.16950619, -0.39709258, -0.48665732, -0.32262874, -0.01498745,
                    0.33619693, 0.52866095, 0.43086421, 0.12374653, -0.18849289
                },
                1e-6);
        assertClose(
                train(new OptimizerSettings.Adafactor(0.1), 1, 6).learning(),
                new double[] {
                    -0.00208126, 0.34684482, 0.50926578, 0.41475943, 0.13637519, -0.17184138
                },
                1e-6);
    }

    /// Recorded from torch 2.13's Muon (lr 0.01, weight decay 0.1, momentum 0.95,
    /// `match_rms_adamw`) with its Newton-Schulz steps in float64 instead of bfloat16.
    @Test
    void muon_matchesRecordedValues() {
        OptimizerSettings muon = new OptimizerSettings.Muon(0.95, ADAMW);
        assertClose(
                train(muon, 1, 3, 5).learning(),
                new double[] {
                    0.00097459, 0.31723735, 0.49577862, 0.431573, 0.15427276,
                    -0.18116198, -0.42496359, -0.49344391, -0.31107044, 0.0046885,
                    0.32782856, 0.49568602, 0.43297976, 0.15102826, -0.17820296
                },
                2e-6);
        assertClose(
                train(muon, 1, 5, 3).learning(),
                new double[] {
                    0.00010421, 0.32121697, 0.49764368, 0.43010968, 0.15891933,
                    -0.17862894, -0.42436445, -0.48893106, -0.31361461, 0.00600854,
                    0.3231262, 0.50411248, 0.43471181, 0.15109915, -0.18160143
                },
                2e-6);
    }

    @Test
    void average_isShownAndTakenBackBitForBit() {
        for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
            Scoped.run(() -> {
                try (Parameter parameter =
                                new Parameter(
                                        "weight",
                                        Tensors.copy(Tensors.floats(weights(6), 6), type));
                        ParameterState state = ParameterState.of(parameter, ADAMW)) {
                    state.keepAverage(0.25);
                    double[] mean = doubles(parameter);
                    for (int t = 0; t < STEPS; t++) {
                        parameter.accumulate(Tensors.floats(gradient(6, t), 6));
                        ParameterState.step(List.of(state), new Step(t + 1, RATE, 1));
                        parameter.dropGradient();
                        double kept = Math.min(0.25, (2.0 + t) / (11 + t));
                        float[] value = values(state);
                        Arrays.setAll(mean, i -> kept * mean[i] + (1 - kept) * value[i]);
                    }
                    float[] learning = Tensors.floats(parameter.data());
                    state.showResult();
                    assertClose(
                            Tensors.floats(parameter.data()),
                            mean,
                            type == ScalarType.Float ? 1e-7 : 2e-3);
                    assertThat(Tensors.floats(parameter.data())).isNotEqualTo(learning);
                    state.showLearning();
                    assertThat(Tensors.floats(parameter.data())).isEqualTo(learning);
                }
            });
        }
    }

    private static float[] values(ParameterState state) {
        float[] values = new float[(int) state.values().elements()];
        state.values().load(0, values);
        return values;
    }

    private static double[] doubles(Parameter parameter) {
        float[] values = Tensors.floats(parameter.data());
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }

    @Test
    void muon_leavesVectorsEmbeddingAndHeadToAdamW() {
        for (String name : List.of("model.embed_tokens.weight", "lm_head.weight")) {
            assertThat(OptimizerSettings.Muon.serves(name, List.of(2L, 3L))).as(name).isFalse();
        }
        assertThat(OptimizerSettings.Muon.serves("norm", List.of(6L))).isFalse();
        assertThat(OptimizerSettings.Muon.serves("q", List.of(2L, 3L))).isTrue();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void stateBytes_isWhatIsKept(OptimizerSettings settings) {
        long[][] shapes = {{70}, {60, 70}, {5000}, {3, 5}};
        for (String name : List.of("model.layers.0.mlp.up_proj.weight", "lm_head.weight")) {
            for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
                Precision precision =
                        type == ScalarType.Float ? Precision.FLOAT32 : Precision.BFLOAT16;
                for (long[] shape : shapes) {
                    Scoped.run(() -> {
                        try (Parameter parameter = new Parameter(name, Tensors.zeros(type, shape));
                                ParameterState state = ParameterState.of(parameter, settings)) {
                            long kept =
                                    state.memories().values().stream()
                                            .mapToLong(Tensor::nbytes)
                                            .sum();
                            assertThat(settings.stateBytes(name, parameter.shape(), precision))
                                    .as(name + " " + Arrays.toString(shape) + " " + precision)
                                    .isEqualTo(kept);
                        }
                    });
                }
            }
        }
    }

    @Test
    void orthogonal_bringsSingularValuesNearOne() {
        Scoped.run(() -> {
            float[] values =
                    Tensors.floats(MuonState.orthogonal(Tensors.floats(gradient(8, 1), 2, 4)));
            double[] gram = new double[3];
            for (int c = 0; c < 4; c++) {
                gram[0] += values[c] * values[c];
                gram[1] += values[c] * values[4 + c];
                gram[2] += values[4 + c] * values[4 + c];
            }
            double middle = (gram[0] + gram[2]) / 2;
            double half = Math.hypot((gram[0] - gram[2]) / 2, gram[1]);
            assertThat(Math.sqrt(middle - half)).isBetween(0.6, 1.3);
            assertThat(Math.sqrt(middle + half)).isBetween(0.6, 1.3);
        });
    }

    /// The map of the paper, searched one by one, in double precision.
    private static double[] rounded(double[] block, boolean signed) {
        double largest = Arrays.stream(block).map(Math::abs).max().orElse(0);
        return Arrays.stream(block)
                .map(x -> {
                    double best = 0;
                    for (int i = 0; i < 7; i++) {
                        int parts = (int) Math.pow(2, signed ? i : i + 1);
                        for (int p = 0; p < parts; p++) {
                            double magnitude =
                                    (0.1 + 0.9 * (p + 0.5) / parts) * Math.pow(10, i - 6);
                            double candidate = signed ? Math.copySign(magnitude, x) : magnitude;
                            best = nearer(x / largest, candidate, best);
                        }
                    }
                    return largest * nearer(x / largest, 1, best);
                })
                .toArray();
    }

    private static double nearer(double x, double candidate, double best) {
        return Math.abs(candidate - x) < Math.abs(best - x) ? candidate : best;
    }

    @Test
    void adamW8Bit_followsAdamWWithRoundedMoments() {
        int count = 80 * 70;
        double[] x = new double[count];
        double[] m = new double[count];
        double[] v = new double[count];
        Arrays.setAll(x, i -> 0.5 * Math.sin(0.7 * i));
        for (int t = 0; t < STEPS; t++) {
            float[] g = gradient(count, t);
            for (int i = 0; i < count; i++) {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
                double mean = m[i] / (1 - Math.pow(0.9, t + 1));
                double root = Math.sqrt(v[i] / (1 - Math.pow(0.99, t + 1))) + 1e-8;
                x[i] = x[i] * (1 - RATE * 0.1) - RATE * mean / root;
            }
            for (int block = 0; block < count; block += 256) {
                int end = Math.min(count, block + 256);
                double[] first = rounded(Arrays.copyOfRange(m, block, end), true);
                double[] second = rounded(Arrays.copyOfRange(v, block, end), false);
                System.arraycopy(first, 0, m, block, end - block);
                System.arraycopy(second, 0, v, block, end - block);
            }
        }

        float[] actual = train(new OptimizerSettings.AdamW8Bit(ADAMW), 1, 80, 70).learning();

        long apart = 0;
        for (int i = 0; i < count; i++) {
            // a value halfway between two codes may be rounded the other way in float32
            apart += Math.abs(actual[i] - x[i]) > 2e-6 ? 1 : 0;
        }
        assertThat(apart).isLessThan(count / 500);
    }

    @Test
    void dynamicMap_roundsToTheNearestCode() {
        for (DynamicMap map : new DynamicMap[] {DynamicMap.SIGNED, DynamicMap.UNSIGNED}) {
            for (int code = 0; code < 256; code++) {
                assertThat(map.code(map.value(code))).isEqualTo(code);
            }
            assertThat(map.value(255)).isEqualTo(1);
            assertThat(map.value(map.code(0))).isZero();
        }
        for (float x = -1; x <= 1; x += 0.00037f) {
            float found = DynamicMap.SIGNED.value(DynamicMap.SIGNED.code(x));
            for (int code = 0; code < 256; code++) {
                assertThat(Math.abs(found - x))
                        .isLessThanOrEqualTo(Math.abs(DynamicMap.SIGNED.value(code) - x) + 1e-7f);
            }
        }
    }

    @Test
    void decay_ofVectors_isZeroUnlessAsked() {
        double[] still = follow((x, g, m, t) -> adamW(x, g, m, t, 0), 6, 1);
        assertClose(train(ADAMW, 1, 6).learning(), still, 1e-6);
        double[] decayed = follow((x, g, m, t) -> adamW(x, g, m, t, 0.1), 6, 1);
        AdamWSettings all = new AdamWSettings(0.9, 0.99, 1e-8, 0.1, true);
        assertClose(train(all, 1, 6).learning(), decayed, 1e-6);
    }

    /// A second moment of 1 that sees no more gradients shrinks by a thousandth a step, less than
    /// half the distance between two bfloat16 numbers; a value of 1 takes steps a hundred times
    /// smaller than that distance.
    @Test
    void adamW_ofBfloat16_losesNothingTooSmallForBfloat16() {
        AdamWSettings slow = new AdamWSettings(0, 0.999, 1e-8, 0, false);
        int count = 3000;
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        Scoped.run(() -> {
            Tensor value = Tensors.copy(Tensors.floats(ones, count), ScalarType.BFloat16);
            try (Parameter parameter = new Parameter("weight", value);
                    ParameterState state = ParameterState.of(parameter, slow)) {
                for (int t = 0; t < 200; t++) {
                    float[] gradient = new float[count];
                    Arrays.fill(gradient, t == 0 ? (float) Math.sqrt(1000) : 1e-10f);
                    parameter.accumulate(Tensors.floats(gradient, count));
                    ParameterState.step(List.of(state), new Step(t + 1, t == 0 ? 0 : 1e5, 1));
                    parameter.dropGradient();
                }
                double expected = 1;
                for (int t = 2; t <= 200; t++) {
                    double second = Math.pow(0.999, t - 1) / (1 - Math.pow(0.999, t));
                    expected -= 1e5 * 1e-10 / Math.sqrt(second);
                }
                float[] memory = Tensors.floats(state.memories().get("second"));
                double mean =
                        IntStream.range(0, count).mapToDouble(i -> memory[i]).average().orElse(0);
                assertThat(mean).isCloseTo(Math.pow(0.999, 199), within(2e-4));
                assertThat((double) values(state)[0]).isCloseTo(expected, within(3e-6));
                assertThat(Tensors.floats(parameter.data())[0])
                        .isEqualTo(1 - 0x1p-8f, within(0x1p-8f));
            }
        });
    }

    private static double adamW(double x, double g, double[] m, int t, double decay) {
        m[0] = 0.9 * m[0] + 0.1 * g;
        m[1] = 0.99 * m[1] + 0.01 * g * g;
        double root = Math.sqrt(m[1] / (1 - Math.pow(0.99, t))) + 1e-8;
        return x * (1 - RATE * decay) - RATE * m[0] / (1 - Math.pow(0.9, t)) / root;
    }
}
