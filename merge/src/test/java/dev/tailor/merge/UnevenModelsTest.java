package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;

/// Models that do not have the same tensors, or not of the same shapes.
class UnevenModelsTest {
    private static final String CONFIG = "{\"num_hidden_layers\": 1}";
    private static final String WEIGHT = "model.layers.0.q_proj.weight";
    private static final String BIAS = "model.layers.0.q_proj.bias";
    private static final String EMBEDDING = "model.embed_tokens.weight";

    @TempDir Path directory;
    private Workbench bench;

    @BeforeEach
    void bench() {
        bench = new Workbench(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bias", "q_norm.weight", "k_layernorm.weight"})
    void linear_optionalTensorOfSomeModels_isMergedFromThose(String part) throws IOException {
        String tensor = "model.layers.0.self_attn." + part;
        bench.model("a", CONFIG, 1, WEIGHT);
        bench.model("b", CONFIG, 3, WEIGHT, tensor);
        bench.model("c", CONFIG, 6, WEIGHT, tensor);
        MergePlan plan = bench.plan(linear("a", "b", "c"));
        assertThat(plan.notes())
                .containsExactly("not all models have '" + tensor + "': merged from those that do");
        bench.run(plan);
        assertThat(bench.first(tensor)).isEqualTo(4.5f);
    }

    @Test
    void linear_weightOfSomeModels_isRefusedByName() throws IOException {
        bench.model("a", CONFIG, 1, BIAS);
        bench.model("b", CONFIG, 3, BIAS, WEIGHT);
        TailorException error = bench.refusal(linear("a", "b"));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.render()).contains("'" + WEIGHT + "' is missing", "/a");
    }

    @Test
    void slerp_optionalTensorOfOneModel_isCopied() throws IOException {
        bench.model("a", CONFIG, 1, WEIGHT);
        bench.model("b", CONFIG, 3, WEIGHT, BIAS);
        bench.run(
                bench.plan(
                        "merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\n"
                                + "parameters: {t: 0.5}\n"));
        assertThat(bench.first(BIAS)).isEqualTo(3);
    }

    @Test
    void taskArithmetic_tensorOfTheBaseOnly_isCopied() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT, "model.layers.0.extra.weight");
        bench.model("a", CONFIG, 3, WEIGHT);
        MergePlan plan = bench.plan(taskArithmetic("a"));
        assertThat(plan.notes())
                .containsExactly("only the base model has 'model.layers.0.extra.weight': copied");
        bench.run(plan);
        assertThat(bench.first("model.layers.0.extra.weight")).isEqualTo(1);
        assertThat(bench.first(WEIGHT)).isEqualTo(3);
    }

    @Test
    void taskArithmetic_biasThatTheBaseLacks_isTakenFromTheModels() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT);
        bench.model("a", CONFIG, 3, WEIGHT, BIAS);
        bench.model("b", CONFIG, 7, WEIGHT, BIAS);
        MergePlan plan = bench.plan(taskArithmetic("a", "b"));
        assertThat(plan.notes())
                .containsExactly(
                        "the base model does not have '"
                                + BIAS
                                + "': taken from the models that do");
        bench.run(plan);
        assertThat(bench.first(BIAS)).isEqualTo(5);
    }

    @Test
    void taskArithmetic_weightThatTheBaseLacks_isRefusedByName() throws IOException {
        bench.model("base", CONFIG, 1, BIAS);
        bench.model("a", CONFIG, 3, WEIGHT, BIAS);
        assertThat(bench.refusal(taskArithmetic("a")).render())
                .contains("'" + WEIGHT + "' is missing", "/base");
    }

    @Test
    void modelStock_tensorOfTheBaseAndOneModel_staysThatOfTheBase() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT, BIAS);
        bench.model("a", CONFIG, 3, WEIGHT, BIAS);
        bench.model("b", CONFIG, 7, WEIGHT);
        MergePlan plan =
                bench.plan(
                        "merge_method: model_stock\nbase_model: base\n"
                                + "models: [{model: a}, {model: b}]\n");
        assertThat(Workbench.tensor(plan, BIAS).operation()).isEqualTo(new Operation.Copy(1));
        assertThat(Workbench.tensor(plan, BIAS).inputs().getFirst().model()).isZero();
    }

    @Test
    void taskArithmetic_otherShape_leavesTheModelOutThere() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT, BIAS);
        bench.model("a", CONFIG, 3, WEIGHT, BIAS);
        new TinyModel()
                .tensor(WEIGHT, DType.F32, new float[6], 3, 2)
                .tensor(BIAS, DType.F32, Workbench.filled(2, 4), 2, 2)
                .write(directory.resolve("b"));
        MergePlan plan = bench.plan(taskArithmetic("a", "b"));
        assertThat(plan.notes())
                .containsExactly(
                        "in 'b' the shape of '"
                                + WEIGHT
                                + "' differs from the base model's: the model is left out there");
        bench.run(plan);
        assertThat(bench.first(WEIGHT)).isEqualTo(3);
        assertThat(bench.first(BIAS)).isEqualTo(2.5f);
    }

    @Test
    void taskArithmetic_otherShapeInAllModels_copiesTheBase() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT);
        new TinyModel().tensor(WEIGHT, DType.F32, new float[6], 3, 2).write(directory.resolve("a"));
        MergePlan plan = bench.plan(taskArithmetic("a"));
        assertThat(Workbench.tensor(plan, WEIGHT).operation()).isEqualTo(new Operation.Copy(1));
    }

    @Test
    void taskArithmetic_smallerVocabulary_isRefusedByName() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT, EMBEDDING);
        new TinyModel()
                .tensor(WEIGHT, DType.F32, new float[4], 2, 2)
                .tensor(EMBEDDING, DType.F32, new float[2], 1, 2)
                .write(directory.resolve("a"));
        assertThat(bench.refusal(taskArithmetic("a")).render())
                .contains("'" + EMBEDDING + "' is [1, 2]", "tokenizer_source", "/a");
    }

    @Test
    void modelStock_differentVocabularies_areCutToTheSmallest() throws IOException {
        bench.model("base", CONFIG, 1, WEIGHT, EMBEDDING);
        bench.model("a", CONFIG, 2, WEIGHT, EMBEDDING);
        new TinyModel()
                .tensor(WEIGHT, DType.F32, new float[4], 2, 2)
                .tensor(EMBEDDING, DType.F32, new float[2], 1, 2)
                .write(directory.resolve("b"));
        MergePlan plan =
                bench.plan(
                        "merge_method: model_stock\nbase_model: base\n"
                                + "models: [{model: a}, {model: b}]\n");
        assertThat(Workbench.tensor(plan, EMBEDDING).output().shape()).containsExactly(1L, 2L);
    }

    @Test
    void notes_aboutManyTensors_areOne() throws IOException {
        bench.deepModel("base", CONFIG, 1, 5, "model.layers.*.w", "model.layers.*.x");
        bench.deepModel("a", CONFIG, 1, 5, "model.layers.*.w");
        assertThat(bench.plan(taskArithmetic("a")).notes())
                .containsExactly(
                        "only the base model has 'model.layers.0.x' and 4 more tensors: copied");
    }

    @Test
    void integers_areCopiedFromTheFirstModelThatHasThem() throws IOException {
        String ids = "embeddings.position_ids";
        bench.model("a", CONFIG, 1, "encoder.layer.0.w");
        new TinyModel()
                .config(CONFIG)
                .tensor("encoder.layer.0.w", DType.F32, Workbench.filled(3, 4), 2, 2)
                .integers(ids, 0, 1, 2)
                .write(directory.resolve("b"));
        MergePlan plan = bench.plan(linear("a", "b") + "dtype: float16\n");
        assertThat(Workbench.tensor(plan, ids).output().dtype()).isEqualTo(DType.I64);
        assertThat(Workbench.tensor(plan, "encoder.layer.0.w").output().dtype())
                .isEqualTo(DType.F16);
    }

    @Test
    void types_mayDiffer_andTheFirstModelsCounts() throws IOException {
        bench.model("a", CONFIG, 1, WEIGHT);
        new TinyModel()
                .tensor(WEIGHT, DType.BF16, Workbench.filled(3, 4), 2, 2)
                .write(directory.resolve("b"));
        MergePlan plan = bench.plan(linear("a", "b"));
        assertThat(Workbench.tensor(plan, WEIGHT).output().dtype()).isEqualTo(DType.F32);
        bench.run(plan);
        assertThat(bench.first(WEIGHT)).isEqualTo(2);
    }

    private static String linear(String... models) {
        return "merge_method: linear\nparameters: {weight: 1}\nmodels: " + list(models);
    }

    private static String taskArithmetic(String... models) {
        return "merge_method: task_arithmetic\nbase_model: base\nparameters: {weight: 1,"
                + " normalize: true}\nmodels: "
                + list(models);
    }

    private static String list(String... models) {
        return "[{model: " + String.join("}, {model: ", models) + "}]\n";
    }
}
