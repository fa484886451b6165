package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// nuslerp, multislerp, karcher and model_stock on tensors of several tiles, of long rows and of
/// one dimension.
class SphericalMergeTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);
    private static final Map<String, long[]> SHAPES = new LinkedHashMap<>();

    static {
        SHAPES.put("model.layers.0.mlp.up_proj.weight", new long[] {211, 311});
        SHAPES.put("model.layers.0.mlp.wide.weight", new long[] {3, 2500});
        SHAPES.put("model.layers.0.mlp.experts.weight", new long[] {4, 6, 50});
        SHAPES.put("model.norm.weight", new long[] {67});
    }

    @TempDir Path directory;

    /// The methods under test, with what the books say.
    enum Method {
        NUSLERP(2, false, Part.TENSOR, "", x -> SphericalMean.nuslerp(x, 1, 2)),
        NUSLERP_ROWS(
                2, false, Part.ROW, "nuslerp_flatten: false", x -> SphericalMean.nuslerp(x, 1, 2)),
        NUSLERP_COLUMNS(
                2,
                false,
                Part.COLUMN,
                "nuslerp_flatten: false, nuslerp_row_wise: true",
                x -> SphericalMean.nuslerp(x, 1, 2)),
        NUSLERP_BASE(2, true, Part.TENSOR, "", x -> SphericalMean.nuslerp(x, 1, 2)),
        NUSLERP_BASE_ROWS(
                2, true, Part.ROW, "nuslerp_flatten: false", x -> SphericalMean.nuslerp(x, 1, 2)),
        NUSLERP_BASE_COLUMNS(
                2,
                true,
                Part.COLUMN,
                "nuslerp_flatten: false, nuslerp_row_wise: true",
                x -> SphericalMean.nuslerp(x, 1, 2)),
        MULTISLERP(3, false, Part.TENSOR, "", x -> SphericalMean.multislerp(x, 1, 2, 3)),
        MULTISLERP_BASE(4, true, Part.TENSOR, "", x -> SphericalMean.multislerp(x, 1, 2, 3, 4)),
        KARCHER(3, false, Part.TENSOR, "max_iter: 12, tol: 1e-12", SphericalMean::karcher),
        KARCHER_OF_FIVE(5, false, Part.TENSOR, "max_iter: 12, tol: 1e-12", SphericalMean::karcher),
        MODEL_STOCK(2, true, Part.TENSOR, "", SphericalMean::modelStock),
        MODEL_STOCK_ROWS(3, true, Part.ROW, "filter_wise: true", SphericalMean::modelStock);

        private final int models;
        private final boolean fromOrigin;
        private final Part part;
        private final String parameters;
        private final Function<List<double[]>, double[]> mean;

        Method(
                int models,
                boolean fromOrigin,
                Part part,
                String parameters,
                Function<List<double[]>, double[]> mean) {
            this.models = models;
            this.fromOrigin = fromOrigin;
            this.part = part;
            this.parameters = parameters;
            this.mean = mean;
        }

        String yaml() {
            StringBuilder yaml = new StringBuilder("merge_method: " + methodName() + "\n");
            if (fromOrigin) {
                yaml.append("base_model: m0\n");
            }
            yaml.append("parameters: {").append(parameters).append("}\nmodels:\n");
            for (int k = 1; k <= models; k++) {
                yaml.append(model(methodName(), k, k));
            }
            return yaml.toString();
        }

        /// The models and, where there is one, the origin.
        int inputs() {
            return models + (fromOrigin ? 1 : 0);
        }

        private String methodName() {
            return name().startsWith("MODEL_STOCK")
                    ? "model_stock"
                    : name().split("_")[0].toLowerCase(Locale.ROOT);
        }

        /// The merge of models `m0` (the origin) and on, in double precision.
        double[] expected(List<float[]> models, long[] shape) {
            double[] expected = new double[models.getFirst().length];
            for (int[] vector : part.vectors(shape)) {
                List<double[]> x =
                        models.subList(1, this.models + 1).stream()
                                .map(model -> vector(model, models.getFirst(), vector))
                                .toList();
                double[] result = mean.apply(x);
                for (int i = 0; i < vector.length; i++) {
                    double origin = fromOrigin ? models.getFirst()[vector[i]] : 0;
                    expected[vector[i]] = origin + result[i];
                }
            }
            return expected;
        }

        private double[] vector(float[] model, float[] origin, int[] vector) {
            return Arrays.stream(vector)
                    .mapToDouble(i -> (double) model[i] - (fromOrigin ? origin[i] : 0))
                    .toArray();
        }
    }

    /// What is turned as one.
    private enum Part {
        TENSOR,
        ROW,
        COLUMN;

        /// The positions of each vector's elements.
        List<int[]> vectors(long[] shape) {
            int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            int last = (int) shape[shape.length - 1];
            int first = (int) shape[0];
            Part part = shape.length == 1 ? TENSOR : this;
            int count =
                    switch (part) {
                        case TENSOR -> 1;
                        case ROW -> elements / last;
                        case COLUMN -> elements / first;
                    };
            int[][] vectors = new int[count][elements / count];
            for (int i = 0; i < elements; i++) {
                switch (part) {
                    case TENSOR -> vectors[0][i] = i;
                    case ROW -> vectors[i / last][i % last] = i;
                    case COLUMN -> vectors[i % count][i / count] = i;
                }
            }
            return List.of(vectors);
        }
    }

    @ParameterizedTest
    @EnumSource
    void standard_brainFloat_isTheTrueValueRoundedOnce(Method method) throws IOException {
        writeFineTunes(DType.BF16, 6, 0.4f);
        Map<String, float[]> merged = merge(method.yaml(), DType.BF16, OPTIONS);
        SHAPES.forEach((name, shape) -> {
            double[] expected = method.expected(models(name, DType.BF16, 6), shape);
            float[] got = merged.get(name);
            assertNear(name, got, expected, i -> Math.ulp(got[i]) * (1 << 16) / 2 + 1e-6);
        });
    }

    /// The coefficient of the first input is rounded to half of its own last place, which is at
    /// most one of the result; its product and every addition of another input to half of the
    /// result's. What the small differences add is below that.
    @ParameterizedTest
    @EnumSource
    void standard_nearlyColinearInSinglePrecision_isTheTrueValue(Method method) throws IOException {
        writeFineTunes(DType.F32, 6, 1e-3f);
        Map<String, float[]> merged = merge(method.yaml(), DType.F32, OPTIONS);
        SHAPES.forEach((name, shape) -> {
            double[] expected = method.expected(models(name, DType.F32, 6), shape);
            float[] got = merged.get(name);
            double units = 1 + method.inputs() / 2.0;
            assertNear(name, got, expected, i -> units * Math.ulp((float) expected[i]) + 1e-9);
        });
    }

    @ParameterizedTest
    @EnumSource
    void merge_anyNumberOfThreads_sameBytes(Method method) throws IOException {
        writeFineTunes(DType.BF16, 6, 0.4f);
        String yaml = method.yaml().replace("max_iter: 12", "max_iter: 3");
        for (boolean compat : new boolean[] {false, true}) {
            MergeOptions options = OPTIONS.withCompat(compat);
            Map<String, float[]> one = merge(yaml, DType.BF16, options.withThreads(1));
            Map<String, float[]> five = merge(yaml, DType.BF16, options.withThreads(5));
            SHAPES.keySet().forEach(name -> assertThat(five.get(name)).isEqualTo(one.get(name)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void merge_equalModels_areLeftAsTheyAre(Method method) throws IOException {
        writeFineTunes(DType.BF16, 6, 0);
        Map<String, float[]> merged = merge(method.yaml(), DType.BF16, OPTIONS);
        SHAPES.keySet()
                .forEach(name ->
                        assertThat(merged.get(name)).isEqualTo(read(name, DType.BF16, "m0")));
    }

    @ParameterizedTest
    @EnumSource
    void merge_zeros_areZeros(Method method) throws IOException {
        for (int k = 0; k < 6; k++) {
            write("m" + k, DType.BF16, (name, i) -> 0f);
        }
        for (boolean compat : new boolean[] {false, true}) {
            merge(method.yaml(), DType.BF16, OPTIONS.withCompat(compat))
                    .values()
                    .forEach(values -> assertThat(values).isEqualTo(new float[values.length]));
        }
    }

    @ParameterizedTest
    @CsvSource({"nuslerp,0", "multislerp,-1", "karcher,2"})
    void merge_oppositeModels_isLinearOrTheFirst(String method, float multiple) throws IOException {
        write("m1", DType.F32, (name, i) -> i % 7 - 3f);
        write("m2", DType.F32, (name, i) -> 3f * (3f - i % 7));
        String yaml = twoModels(method, method.equals("nuslerp") ? 3 : 1, 1);
        merge(yaml, DType.F32, OPTIONS)
                .values()
                .forEach(values -> {
                    double[] expected = new double[values.length];
                    Arrays.setAll(expected, i -> multiple * (i % 7 - 3f));
                    assertNear(method, values, expected, i -> 1e-6);
                });
    }

    @Test
    void modelStock_oppositeDifferences_isTheBase() throws IOException {
        write("m0", DType.BF16, (name, i) -> i % 5 + 1f);
        write("m1", DType.BF16, (name, i) -> 2 * (i % 5 + 1f));
        write("m2", DType.BF16, (name, i) -> 0f);
        String yaml = "base_model: m0\n" + twoModels("model_stock", 1, 1);
        Map<String, float[]> merged = merge(yaml, DType.BF16, OPTIONS);
        SHAPES.keySet()
                .forEach(name ->
                        assertThat(merged.get(name)).isEqualTo(read(name, DType.BF16, "m0")));
    }

    @Test
    void karcher_oneTensorOfZeros_keepsTheOthersDirectionAtTheAverageLength() throws IOException {
        write("m1", DType.BF16, (name, i) -> i % 7 - 3f);
        write("m2", DType.BF16, (name, i) -> 0f);
        merge(twoModels("karcher", 1, 1), DType.BF16, OPTIONS)
                .values()
                .forEach(values -> {
                    double[] expected = new double[values.length];
                    Arrays.setAll(expected, i -> (i % 7 - 3f) / 2);
                    assertNear("karcher", values, expected, i -> 0);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void multislerp_directionsThatCancel_areRefused(boolean compat) throws IOException {
        write("m1", DType.BF16, (name, i) -> 1f);
        write("m2", DType.BF16, (name, i) -> 2f);
        write("m3", DType.BF16, (name, i) -> -1f);
        String yaml =
                """
                merge_method: multislerp
                models:
                - {model: m1, parameters: {weight: 1}}
                - {model: m2, parameters: {weight: 1}}
                - {model: m3, parameters: {weight: 2}}
                """;
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(yaml, DType.BF16, OPTIONS.withCompat(compat)));
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error).hasMessageContaining("cancel");
    }

    @Test
    void multislerp_weightsThatSumToZero_areRefusedBeforeAnythingIsRead() throws IOException {
        writeFineTunes(DType.F32, 3, 0.1f);
        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> plan(twoModels("multislerp", 1, -1)));
        assertThat(error).hasMessageContaining("sum to 0");
    }

    @ParameterizedTest
    @CsvSource({"karcher,false", "multislerp,false", "multislerp,true"})
    void merge_oneModel_isThatModel(String method, boolean fromOrigin) throws IOException {
        writeFineTunes(DType.BF16, 2, 0.4f);
        String yaml =
                "merge_method: "
                        + method
                        + (fromOrigin ? "\nbase_model: m0" : "")
                        + "\nmodels:\n"
                        + model(method, 1, 3);
        for (boolean compat : new boolean[] {false, true}) {
            Map<String, float[]> merged = merge(yaml, DType.BF16, OPTIONS.withCompat(compat));
            SHAPES.keySet()
                    .forEach(name ->
                            assertThat(merged.get(name)).isEqualTo(read(name, DType.BF16, "m1")));
        }
    }

    /// Fails at the first element that is further from what is expected than allowed.
    private static void assertNear(
            String tensor, float[] got, double[] expected, IntToDoubleFunction allowed) {
        for (int i = 0; i < got.length; i++) {
            if (!(Math.abs(got[i] - expected[i]) <= allowed.applyAsDouble(i))) {
                assertThat((double) got[i])
                        .as("%s[%d]", tensor, i)
                        .isCloseTo(expected[i], offset(allowed.applyAsDouble(i)));
            }
        }
    }

    private static String twoModels(String method, int weight1, int weight2) {
        return "merge_method: %s\nmodels:\n%s%s"
                .formatted(method, model(method, 1, weight1), model(method, 2, weight2));
    }

    /// A model's entry, with a weight where the method has one.
    private static String model(String method, int number, int weight) {
        boolean weighted = method.endsWith("slerp");
        return "- {model: m%d%s}\n"
                .formatted(number, weighted ? ", parameters: {weight: " + weight + "}" : "");
    }

    private MergePlan plan(String yaml) {
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private Map<String, float[]> merge(String yaml, DType type, MergeOptions options) {
        Path output = directory.resolve("out");
        Merge.run(plan(yaml), output, options, Event.Listener.none(), Cancellation.never());
        Map<String, float[]> merged = new LinkedHashMap<>();
        SHAPES.keySet().forEach(name -> merged.put(name, read(name, type, "out")));
        return merged;
    }

    private List<float[]> models(String tensor, DType type, int count) {
        return IntStream.range(0, count).mapToObj(k -> read(tensor, type, "m" + k)).toList();
    }

    private float[] read(String tensor, DType type, String model) {
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve(model))) {
            return Conversions.toFloats(type, checkpoint.data(tensor));
        }
    }

    @FunctionalInterface
    private interface Element {
        float at(String tensor, int i);
    }

    /// Models `m0` to `m<count-1>`: the same random numbers, each with a change of its own and one
    /// that the models share.
    private void writeFineTunes(DType type, int count, float change) throws IOException {
        for (int k = 0; k < count; k++) {
            Random own = new Random(100 + k);
            Random common = new Random(1);
            float scale = k == 0 ? 0 : change;
            write(
                    "m" + k,
                    type,
                    (tensor, i) ->
                            (float) common.nextGaussian()
                                    + scale * (float) common.nextGaussian()
                                    + scale * (float) own.nextGaussian());
        }
    }

    private void write(String model, DType type, Element element) throws IOException {
        TinyModel tiny = new TinyModel();
        SHAPES.forEach((name, shape) -> {
            float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < values.length; i++) {
                values[i] = element.at(name, i);
            }
            tiny.tensor(name, type, values, shape);
        });
        tiny.write(directory.resolve(model));
    }
}
