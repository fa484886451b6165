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
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// What an explanation says, against plain computations on the models' files.
class ExplanationTest {
    private static final String LAYER = "model.layers.0.mlp.up_proj.weight";

    /// More than two tiles, and not a multiple of a vector.
    private static final int ELEMENTS = 70_001;

    @TempDir Path directory;

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void ties_threeModels_measuresWhatAPlainComputationDoes(DType type) throws IOException {
        for (String name : List.of("base", "a", "b", "c")) {
            model(name, type);
        }
        JsonNode tensor =
                explained(
                                """
                                merge_method: ties
                                base_model: base
                                models:
                                - {model: a, parameters: {weight: 0.5, density: 0.25}}
                                - {model: b, parameters: {weight: 0.75, density: 0.5}}
                                - {model: c, parameters: {weight: 1, density: 1}}
                                """)
                        .path("tensors")
                        .get(0);
        double[] base = numbers("base");
        double[] change = difference(numbers("out"), base);
        assertThat(tensor.path("action").stringValue()).isEqualTo("merged");
        assertThat(tensor.path("reference").stringValue()).isEqualTo("base");
        near(tensor.path("reference_norm"), norm(base));
        near(tensor.path("change_norm"), norm(change));
        near(tensor.path("relative_change"), norm(change) / norm(base));
        near(tensor.path("cosine"), cosine(numbers("out"), base));
        assertThat(tensor.path("parameters").path("normalize").booleanValue()).isTrue();
        double[] densities = {0.25, 0.5, 1};
        for (int k = 0; k < 3; k++) {
            JsonNode model = tensor.path("models").get(k);
            double[] tuned = numbers(List.of("a", "b", "c").get(k));
            double[] d = difference(tuned, base);
            near(model.path("difference_norm"), norm(d));
            near(model.path("relative_norm"), norm(d) / norm(base));
            near(model.path("cosine"), cosine(tuned, base));
            near(model.path("change_cosine"), cosine(d, change));
            near(model.path("parameters").path("density"), densities[k]);
            double[] largest = Arrays.stream(d).map(Math::abs).sorted().toArray();
            int kept = (int) (densities[k] * ELEMENTS);
            double[] left = Arrays.copyOfRange(largest, ELEMENTS - kept, ELEMENTS);
            near(model.path("kept"), (double) nonZero(left) / nonZero(d));
            near(model.path("kept_norm"), norm(left) / norm(d));
        }
        signs(tensor, base);
    }

    private void signs(JsonNode tensor, double[] base) {
        int shared = 0;
        int conflicts = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            int up = 0;
            int down = 0;
            for (String name : List.of("a", "b", "c")) {
                double d = numbers(name)[i] - base[i];
                up += d > 0 ? 1 : 0;
                down += d < 0 ? 1 : 0;
            }
            shared += up + down > 1 ? 1 : 0;
            conflicts += up > 0 && down > 0 ? 1 : 0;
        }
        assertThat(tensor.path("shared_positions").intValue()).isEqualTo(shared);
        near(tensor.path("sign_conflicts"), (double) conflicts / shared);
    }

    @Test
    void sce_quarterOfThePositions_keepsWhatIsSelected() throws IOException {
        for (String name : List.of("base", "a", "b")) {
            model(name, DType.F32);
        }
        JsonNode tensor =
                explained(
                                """
                                merge_method: sce
                                base_model: base
                                models: [{model: a}, {model: b}]
                                parameters: {select_topk: 0.25}
                                """)
                        .path("tensors")
                        .get(0);
        double[] a = difference(numbers("a"), numbers("base"));
        double[] b = difference(numbers("b"), numbers("base"));
        double[] spread = difference(a, b);
        Integer[] order = new Integer[ELEMENTS];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -Math.abs(spread[i])));
        long selected = (long) (nonZero(spread) * 0.25);
        long kept = Arrays.stream(order).limit(selected).filter(i -> a[i] != 0).count();
        near(tensor.path("models").get(0).path("kept"), (double) kept / nonZero(a));
    }

    @Test
    void linear_noOrigin_measuresFromTheMean() throws IOException {
        model("a", DType.F32);
        model("b", DType.F32);
        JsonNode tensor =
                explained(
                                """
                                merge_method: linear
                                models:
                                - {model: a, parameters: {weight: 0.75}}
                                - {model: b, parameters: {weight: 0.25}}
                                """)
                        .path("tensors")
                        .get(0);
        double[] mean = new double[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            mean[i] = (numbers("a")[i] + numbers("b")[i]) / 2;
        }
        assertThat(tensor.path("reference").stringValue()).isEqualTo("mean");
        near(
                tensor.path("models").get(1).path("difference_norm"),
                norm(difference(numbers("b"), mean)));
        near(tensor.path("change_norm"), norm(difference(numbers("out"), mean)));
        assertThat(tensor.path("sign_conflicts").isNull()).isTrue();
        assertThat(tensor.path("models").get(0).path("kept").isNull()).isTrue();
    }

    @Test
    void slerp_baseIsOneOfTheModels_measuresFromIt() throws IOException {
        model("a", DType.F32);
        model("b", DType.F32);
        JsonNode tensor =
                explained(
                                """
                                merge_method: slerp
                                base_model: a
                                models: [{model: b}, {model: a}]
                                parameters: {t: 0.5}
                                """)
                        .path("tensors")
                        .get(0);
        assertThat(tensor.path("models")).hasSize(1);
        assertThat(tensor.path("models").get(0).path("model").stringValue()).isEqualTo("b");
        near(
                tensor.path("models").get(0).path("difference_norm"),
                norm(difference(numbers("b"), numbers("a"))));
        assertThat(tensor.path("parameters").path("t").doubleValue()).isEqualTo(0.5);
    }

    @Test
    void passthrough_bytesOfOneModel_saysWhere() throws IOException {
        model("a", DType.F32);
        JsonNode json = explained("merge_method: passthrough\nmodels: [{model: a}]\n");
        JsonNode tensor = json.path("tensors").get(0);
        assertThat(tensor.path("action").stringValue()).isEqualTo("copied");
        assertThat(tensor.path("from").path("model").stringValue()).isEqualTo("a");
        assertThat(tensor.path("from").path("tensor").stringValue()).isEqualTo(LAYER);
        assertThat(json.path("actions").path("copied").intValue()).isEqualTo(1);
        assertThat(json.path("total").path("cosine").isNull()).isTrue();
    }

    @Test
    void zeros_leaveRatiosUndefined_asNull() throws IOException {
        for (String name : List.of("base", "a")) {
            new TinyModel()
                    .tensor(LAYER, DType.F32, new float[6], 6)
                    .write(directory.resolve(name));
        }
        JsonNode json =
                explained(
                        """
                        merge_method: task_arithmetic
                        base_model: base
                        models: [{model: a, parameters: {weight: 1}}]
                        """);
        JsonNode tensor = json.path("tensors").get(0);
        assertThat(tensor.path("change_norm").doubleValue()).isZero();
        assertThat(tensor.path("relative_change").isNull()).isTrue();
        assertThat(tensor.path("models").get(0).path("cosine").isNull()).isTrue();
        assertThat(Files.readString(directory.resolve("explained.json"))).doesNotContain("NaN");
    }

    @Test
    void threads_anyNumber_sameNumbersInBothForms() throws IOException {
        for (String name : List.of("base", "a", "b")) {
            model(name, DType.BF16);
        }
        String yaml =
                """
                merge_method: della
                base_model: base
                models:
                - {model: a, parameters: {weight: 0.5, density: 0.25, epsilon: 0.1}}
                - {model: b, parameters: {weight: 0.75, density: 0.5}}
                """;
        ObjectNode one = (ObjectNode) explained(yaml, 1);
        String page = page();
        ObjectNode five = (ObjectNode) explained(yaml, 5);
        assertThat(one.remove("seconds").isNumber()).isTrue();
        assertThat(five.remove("seconds").isNumber()).isTrue();
        assertThat(five).isEqualTo(one);
        assertThat(one.path("seed").intValue()).isEqualTo(42);
        assertThat(page()).isEqualTo(page);
    }

    /// The page without the time, which is never the same.
    private String page() throws IOException {
        return Files.readString(directory.resolve("explained.html"))
                .replaceAll("<dt>time</dt><dd>[^<]*</dd>", "");
    }

    @Test
    void page_hostileNames_areText() throws IOException {
        String tensor = "model.layers.0.<script>alert('t')<\\/script>\"onmouseover=x.weight";
        for (String name : List.of("base", "<img src=x onerror=alert(1)>")) {
            float value = name.length();
            new TinyModel()
                    .tensor(tensor, DType.F32, new float[] {value}, 1)
                    .tensor("<b>outside", DType.F32, new float[] {value}, 1)
                    .write(directory.resolve(name));
        }
        explained(
                """
                merge_method: task_arithmetic
                base_model: base
                models: [{model: "<img src=x onerror=alert(1)>", parameters: {weight: 0.5}}]
                """);
        String page = Files.readString(directory.resolve("explained.html"));
        assertThat(page)
                .doesNotContain("<script", "<img", "<b>", "\"onmouseover")
                .contains("&lt;script&gt;alert(&#39;t&#39;)", "&lt;img src=x", "&lt;b&gt;outside");
        assertThat(page).contains("default-src 'none'").doesNotContain("http://", "https://");
    }

    @Test
    void page_twoModels_showsAMapForEach() throws IOException {
        for (String name : List.of("base", "a", "b")) {
            model(name, DType.F32);
        }
        explained(
                """
                merge_method: ties
                base_model: base
                models: [{model: a}, {model: b}]
                parameters: {weight: 0.5, density: 0.5}
                """);
        assertThat(Files.readString(directory.resolve("explained.html")))
                .contains("Differences of the models, a", "Differences of the models, b")
                .contains("Kept, a", "Sign conflicts, all models", "Cosine of result and base")
                .contains("title=\"" + LAYER + ": ");
    }

    @Test
    void file_neitherJsonNorHtml_isRefusedBeforeAnythingIsWritten() throws IOException {
        model("a", DType.F32);
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () ->
                                run(
                                        "merge_method: passthrough\nmodels: [{model: a}]\n",
                                        MergeOptions.standard()
                                                .withExplanations(
                                                        List.of(directory.resolve("x.txt")))));
        assertThat(error.code()).isEqualTo(ErrorCode.USAGE);
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private void model(String name, DType type) throws IOException {
        Random random = new Random(name.hashCode());
        float[] values = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            // Multiples of 1/16 are exact in every type; many are equal in two models.
            values[i] = Math.round(random.nextGaussian() * 32) / 16f;
        }
        new TinyModel().tensor(LAYER, type, values, ELEMENTS).write(directory.resolve(name));
    }

    private JsonNode explained(String yaml) throws IOException {
        return explained(yaml, 2);
    }

    private JsonNode explained(String yaml, int threads) throws IOException {
        Path json = directory.resolve("explained.json");
        run(
                yaml,
                MergeOptions.standard()
                        .withThreads(threads)
                        .withExplanations(List.of(json, directory.resolve("explained.html"))));
        return JsonMapper.shared().readTree(Files.readAllBytes(json));
    }

    private void run(String yaml, MergeOptions options) {
        MergePlan plan =
                Merge.plan(
                        MergeConfig.read(Yaml.single(Path.of("merge.yml"), yaml)),
                        ModelResolver.in(List.of(directory)));
        Merge.run(
                plan,
                directory.resolve("out"),
                options,
                Event.Listener.none(),
                Cancellation.never());
    }

    private final java.util.Map<String, double[]> read = new java.util.HashMap<>();

    private double[] numbers(String model) {
        return read.computeIfAbsent(
                model,
                name -> {
                    try (Checkpoint checkpoint = Checkpoint.open(directory.resolve(name))) {
                        float[] floats =
                                Conversions.toFloats(
                                        checkpoint.info(LAYER).dtype(), checkpoint.data(LAYER));
                        double[] numbers = new double[floats.length];
                        Arrays.setAll(numbers, i -> floats[i]);
                        return numbers;
                    }
                });
    }

    private static double[] difference(double[] x, double[] y) {
        double[] d = new double[x.length];
        Arrays.setAll(d, i -> x[i] - y[i]);
        return d;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static double norm(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    private static double cosine(double[] x, double[] y) {
        return dot(x, y) / norm(x) / norm(y);
    }

    private static long nonZero(double[] x) {
        return Arrays.stream(x).filter(each -> each != 0).count();
    }

    /// Differences are taken in single precision.
    private static void near(JsonNode actual, double expected) {
        assertThat(actual.doubleValue()).isCloseTo(expected, offset(1e-6 * Math.abs(expected)));
    }
}
