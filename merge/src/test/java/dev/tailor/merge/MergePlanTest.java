package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class MergePlanTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String LAYER = "model.layers.0.mlp.up_proj.weight";

    @TempDir Path directory;

    @Test
    void slices_twoModels_countsLayersAndMovesLayerTypes() throws IOException {
        String config =
                "{\"num_hidden_layers\": 2, \"layer_types\": [\"sliding\", \"full\"],"
                        + " \"torch_dtype\": \"float32\"}";
        for (String name : List.of("a", "b")) {
            TinyModel model = new TinyModel().config(config);
            for (int i = 0; i < 2; i++) {
                float value = (name.equals("a") ? 10 : 20) + i;
                model.tensor("model.layers." + i + ".w.weight", DType.F32, new float[] {value}, 1);
            }
            model.tensor("model.norm.weight", DType.F32, new float[] {name.equals("a") ? 1 : 2}, 1);
            model.write(directory.resolve(name));
        }
        MergePlan plan =
                plan(
                        """
                        merge_method: passthrough
                        dtype: float16
                        slices:
                        - sources: [{model: a, layer_range: [0, 2]}]
                        - sources: [{model: b, layer_range: [1, 2]}]
                        """);
        assertThat(plan.tensors())
                .extracting(tensor -> tensor.output().name())
                .containsExactly(
                        "model.layers.0.w.weight",
                        "model.layers.1.w.weight",
                        "model.layers.2.w.weight",
                        "model.norm.weight");
        JsonNode output = plan.outputConfig();
        assertThat(output.get("num_hidden_layers").intValue()).isEqualTo(3);
        assertThat(output.get("layer_types").toString())
                .isEqualTo("[\"sliding\",\"full\",\"full\"]");
        assertThat(output.get("torch_dtype").stringValue()).isEqualTo("float16");
        run(plan);
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F16, checkpoint.data("model.layers.2.w.weight")))
                    .containsExactly(21);
            assertThat(Conversions.toFloats(DType.F16, checkpoint.data("model.norm.weight")))
                    .containsExactly(2);
        }
    }

    @Test
    void linear_sameModelTwice_countsTwice() throws IOException {
        TinyModel model = new TinyModel().config("{\"num_hidden_layers\": 2}");
        model.tensor("model.layers.0.w.weight", DType.F32, new float[] {2}, 1);
        model.tensor("model.layers.1.w.weight", DType.F32, new float[] {4}, 1);
        model.write(directory.resolve("a"));
        run(
                plan(
                        """
                        merge_method: linear
                        slices:
                        - sources:
                          - {model: a, layer_range: [0, 1], parameters: {weight: 1}}
                          - {model: a, layer_range: [1, 2], parameters: {weight: 1}}
                        """));
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("model.layers.0.w.weight")))
                    .containsExactly(3);
        }
    }

    @Test
    void slerp_twoLayersOfTheBase_runsFromTheFirstToTheSecond() throws IOException {
        TinyModel model = new TinyModel().config("{\"num_hidden_layers\": 2}");
        model.tensor("model.layers.0.w.weight", DType.F32, new float[] {2}, 1);
        model.tensor("model.layers.1.w.weight", DType.F32, new float[] {4}, 1);
        model.write(directory.resolve("a"));
        MergePlan plan =
                plan(
                        """
                        merge_method: slerp
                        base_model: a
                        slices:
                        - sources:
                          - {model: a, layer_range: [0, 1]}
                          - {model: a, layer_range: [1, 2]}
                          parameters: {t: 0.25}
                        """);
        run(plan);
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("model.layers.0.w.weight")))
                    .containsExactly(2.5f);
        }
    }

    @Test
    void outside_ofTheLastLayers_isMadeOfTheLastSlicesModels() throws IOException {
        for (String name : List.of("a", "b")) {
            float value = name.equals("a") ? 1 : 3;
            new TinyModel()
                    .config("{\"num_hidden_layers\": 2}")
                    .tensor("model.embed_tokens.weight", DType.F32, new float[] {value}, 1, 1)
                    .tensor("model.layers.0.w.weight", DType.F32, new float[] {value}, 1)
                    .tensor("model.layers.1.w.weight", DType.F32, new float[] {value}, 1)
                    .tensor("model.norm.weight", DType.F32, new float[] {value}, 1)
                    .write(directory.resolve(name));
        }
        run(
                plan(
                        """
                        merge_method: linear
                        slices:
                        - sources: [{model: a, layer_range: [0, 1]}, {model: b, layer_range: [0, 1]}]
                        - sources: [{model: b, layer_range: [1, 2]}]
                        parameters: {weight: 1}
                        """));
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data(EMBEDDING)))
                    .containsExactly(2);
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("model.norm.weight")))
                    .containsExactly(3);
        }
    }

    @Test
    void slices_withBasesOfTheirOwn_startFromThese() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            TinyModel model = new TinyModel().config("{\"num_hidden_layers\": 2}");
            for (int i = 0; i < 2; i++) {
                float value = name.charAt(0) - 'a' + 1;
                model.tensor("model.layers." + i + ".w.weight", DType.F32, new float[] {value}, 1);
            }
            model.write(directory.resolve(name));
        }
        MergePlan plan =
                plan(
                        """
                        merge_method: task_arithmetic
                        base_model: a
                        slices:
                        - sources: [{model: c, layer_range: [0, 1]}]
                          base_model: b
                        - sources: [{model: c, layer_range: [1, 2]}]
                        parameters: {weight: 10}
                        """);
        run(plan);
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("model.layers.0.w.weight")))
                    .containsExactly(12);
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("model.layers.1.w.weight")))
                    .containsExactly(21);
        }
    }

    @Test
    void donor_withoutABase_isTheFirstModelNamed() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            new TinyModel()
                    .config("{\"num_hidden_layers\": 1, \"from\": \"%s\"}".formatted(name))
                    .tensor(LAYER, DType.F32, new float[2], 2)
                    .write(directory.resolve(name));
        }
        MergePlan plan =
                plan(
                        "merge_method: linear\nmodels: [{model: c}, {model: a}, {model: b}]\n"
                                + "parameters: {weight: 1}\n");
        assertThat(plan.outputConfig().get("from").stringValue()).isEqualTo("c");
        assertThat(plan.models().get(plan.sideFileDonor()).reference().text()).isEqualTo("c");
    }

    @Test
    void slerp_baseThatIsNotListed_isTheFirstOfTheModels() throws IOException {
        two(new float[] {1, 2}, 1, new float[] {3, 4}, 1);
        MergePlan plan =
                plan(
                        "merge_method: slerp\nbase_model: a\nmodels: [{model: b}]\n"
                                + "parameters: {t: 0.5}\n");
        assertThat(plan.tensors().getFirst().inputs())
                .extracting(MergePlan.Input::model)
                .containsExactly(0, 1);
    }

    @Test
    void layers_whoseCountStays_leaveTheConfigurationAsItIs() throws IOException {
        String config = "{\"num_hidden_layers\": 12, \"num_nextn_predict_layers\": 1}";
        new TinyModel()
                .config(config)
                .tensor(LAYER, DType.F32, new float[2], 2)
                .write(directory.resolve("a"));
        MergePlan plan = plan("merge_method: passthrough\nmodels: [{model: a}]\n");
        assertThat(plan.outputConfig().get("num_hidden_layers").intValue()).isEqualTo(12);
    }

    @Test
    void embeddings_differentVocabularies_areCutToTheSmallest() throws IOException {
        two(new float[] {1, 2, 3, 4, 5, 6}, 3, new float[] {3, 4, 5, 6}, 2);
        MergePlan plan = plan(linear());
        assertThat(plan.notes()).anySatisfy(note -> assertThat(note).contains("cut to 2 rows"));
        assertThat(plan.outputConfig().get("vocab_size").intValue()).isEqualTo(2);
        run(plan);
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(checkpoint.info(EMBEDDING).shape()).containsExactly(2L, 2L);
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data(EMBEDDING)))
                    .containsExactly(2, 3, 4, 5);
        }
    }

    @Test
    void shapes_differentOutsideOfEmbeddings_namesTensorAndModel() throws IOException {
        new TinyModel().tensor(LAYER, DType.F32, new float[4], 2, 2).write(directory.resolve("a"));
        new TinyModel().tensor(LAYER, DType.F32, new float[6], 3, 2).write(directory.resolve("b"));
        TailorException error = refusal(linear());
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.render()).contains(LAYER, "[3, 2]", "[2, 2]", "/b");
    }

    @Test
    void tensor_missingInOneModel_isNamed() throws IOException {
        new TinyModel()
                .tensor(LAYER, DType.F32, new float[2], 2)
                .tensor("model.layers.0.mlp.gate_proj.weight", DType.F32, new float[2], 2)
                .write(directory.resolve("a"));
        new TinyModel().tensor(LAYER, DType.F32, new float[2], 2).write(directory.resolve("b"));
        assertThat(refusal(linear()).getMessage()).contains("gate_proj.weight' is missing");
    }

    @Test
    void head_tiedInOneModel_isTakenFromItsEmbedding() throws IOException {
        new TinyModel()
                .config("{\"num_hidden_layers\": 1, \"tie_word_embeddings\": true}")
                .tensor(EMBEDDING, DType.F32, new float[] {1, 2}, 1, 2)
                .tensor(LAYER, DType.F32, new float[2], 2)
                .write(directory.resolve("a"));
        new TinyModel()
                .tensor(EMBEDDING, DType.F32, new float[] {3, 4}, 1, 2)
                .tensor("lm_head.weight", DType.F32, new float[] {5, 6}, 1, 2)
                .tensor(LAYER, DType.F32, new float[2], 2)
                .write(directory.resolve("b"));
        MergePlan plan = plan(linear());
        assertThat(plan.outputConfig().get("tie_word_embeddings").asBoolean()).isFalse();
        run(plan);
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            assertThat(Conversions.toFloats(DType.F32, checkpoint.data("lm_head.weight")))
                    .containsExactly(3, 4);
        }
    }

    @Test
    void layerRange_beyondTheModel_pointsAtTheSource() throws IOException {
        new TinyModel().tensor(LAYER, DType.F32, new float[2], 2).write(directory.resolve("a"));
        TailorException error =
                refusal(
                        """
                        merge_method: passthrough
                        slices:
                        - sources: [{model: a, layer_range: [0, 2]}]
                        """);
        assertThat(error.render()).contains("has no layer 1", "merge.yml:3:21");
    }

    @Test
    void model_missing_pointsAtIt() {
        TailorException error = refusal(linear());
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.render()).contains("merge.yml:3:10", "no such model: 'a'");
    }

    @Test
    void run_sideFiles_areCopiedAndLineageIsWritten() throws IOException {
        two(new float[] {1, 2}, 1, new float[] {3, 4}, 1);
        Files.writeString(directory.resolve("a/tokenizer.json"), "{\"a\": 1}");
        Files.writeString(directory.resolve("b/tokenizer.json"), "{\"b\": 1}");
        Path out = directory.resolve("out");
        Golden.run(plan(linear()), out, MergeOptions.standard().withDigests(true));
        assertThat(out.resolve("tokenizer.json")).hasContent("{\"a\": 1}");
        assertThat(out.resolve("README.md")).content().contains("`linear` merge", "- `a`", "- `b`");
        JsonNode lineage =
                JsonMapper.shared().readTree(Files.readAllBytes(out.resolve("tailor.json")));
        assertThat(lineage.get("parents").size()).isEqualTo(2);
        assertThat(
                        lineage.get("parents")
                                .get(0)
                                .get("sha256")
                                .get("model.safetensors")
                                .stringValue())
                .hasSize(64);
    }

    private void two(float[] a, int rowsA, float[] b, int rowsB) throws IOException {
        new TinyModel()
                .tensor(EMBEDDING, DType.F32, a, rowsA, 2)
                .tensor(LAYER, DType.F32, new float[2], 2)
                .write(directory.resolve("a"));
        new TinyModel()
                .tensor(EMBEDDING, DType.F32, b, rowsB, 2)
                .tensor(LAYER, DType.F32, new float[2], 2)
                .write(directory.resolve("b"));
    }

    private static String linear() {
        return """
        merge_method: linear
        models:
        - model: a
        - model: b
        parameters: {weight: 1}
        """;
    }

    private MergePlan plan(String yaml) {
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private void run(MergePlan plan) {
        Merge.run(
                plan,
                directory.resolve("out"),
                MergeOptions.standard(),
                Event.Listener.none(),
                Cancellation.never());
    }

    private TailorException refusal(String yaml) {
        TailorException error = catchThrowableOfType(TailorException.class, () -> plan(yaml));
        assertThat(error).as("refused").isNotNull();
        return error;
    }
}
