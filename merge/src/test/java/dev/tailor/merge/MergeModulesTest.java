package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Path;

/// Models of several modules, and models whose layers have other names than a llama's.
class MergeModulesTest {
    private static final String VISION_CONFIG =
            "{\"text_config\": {\"num_hidden_layers\": 3}, \"vision_config\":"
                    + " {\"num_hidden_layers\": 3}}";
    private static final String[] VISION_MODEL = {
        "language_model.model.embed_tokens.weight",
        "language_model.model.layers.*.mlp.weight",
        "language_model.model.norm.weight",
        "language_model.lm_head.weight",
        "vision_tower.vision_model.encoder.layers.*.mlp.weight",
        "vision_tower.vision_model.post_layernorm.weight",
        "multi_modal_projector.linear.weight"
    };

    @TempDir Path directory;
    private Workbench bench;

    @BeforeEach
    void bench() {
        bench = new Workbench(directory);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "gpt2 | n_layer | transformer.h.*.attn.weight transformer.wte.weight"
                        + " transformer.ln_f.weight",
                "bert | num_hidden_layers | encoder.layer.*.attention.self.query.weight"
                        + " embeddings.word_embeddings.weight pooler.dense.weight",
                "distilbert | n_layers | distilbert.transformer.layer.*.ffn.lin1.weight"
                        + " vocab_projector.weight",
                "falcon | num_hidden_layers | transformer.h.*.mlp.dense_h_to_4h.weight"
                        + " transformer.word_embeddings.weight",
                "gpt-neox | num_hidden_layers | gpt_neox.layers.*.attention.dense.weight"
                        + " gpt_neox.embed_in.weight embed_out.weight",
                "mamba | num_hidden_layers | backbone.layers.*.mixer.A_log"
                        + " backbone.embeddings.weight backbone.norm_f.weight",
                "mixtral | num_hidden_layers | model.layers.*.block_sparse_moe.experts.7.w1.weight"
                        + " model.layers.*.block_sparse_moe.gate.weight model.embed_tokens.weight",
                "chatglm | num_layers | transformer.encoder.layers.*.mlp.weight"
                        + " transformer.output_layer.weight",
            })
    void slices_ofFamily_stackLayersAndCountThem(String family, String key, String tensors)
            throws IOException {
        String config = "{\"%s\": 3, \"vocab_size\": 2}".formatted(key);
        bench.deepModel("a", config, 10, 3, tensors.split(" "));
        bench.deepModel("b", config, 20, 3, tensors.split(" "));
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        slices:
                        - sources: [{model: a, layer_range: [0, 3]}]
                        - sources: [{model: b, layer_range: [1, 3]}]
                        """);
        assertThat(plan.outputConfig().get(key).intValue()).isEqualTo(5);
        bench.run(plan);
        for (String tensor : tensors.split(" ")) {
            if (tensor.contains("*")) {
                assertThat(bench.first(tensor.replace("*", "2"))).isEqualTo(12);
                assertThat(bench.first(tensor.replace("*", "3"))).isEqualTo(21);
                assertThat(bench.first(tensor.replace("*", "4"))).isEqualTo(22);
            } else {
                assertThat(bench.first(tensor)).isIn(10f, 20f);
            }
        }
    }

    @Test
    void models_ofSeveralLayerLists_mergeAllOfThem() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 1, 3, VISION_MODEL);
        bench.deepModel("b", VISION_CONFIG, 3, 3, VISION_MODEL);
        MergePlan plan = bench.plan(linear());
        assertThat(plan.tensors()).hasSize(5 + 2 * 3).noneMatch(t -> t.inputs().size() != 2);
        bench.run(plan);
        assertThat(bench.first("vision_tower.vision_model.encoder.layers.2.mlp.weight"))
                .isEqualTo(4);
        assertThat(bench.first("multi_modal_projector.linear.weight")).isEqualTo(2);
        assertThat(plan.outputConfig().toString()).contains("\"num_hidden_layers\":3");
    }

    @Test
    void slices_ofSeveralLayerLists_chooseLayersOfTheTextDecoder() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        bench.deepModel("b", VISION_CONFIG, 20, 3, VISION_MODEL);
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        slices:
                        - sources: [{model: a, layer_range: [0, 2]}]
                        - sources: [{model: b, layer_range: [0, 3]}]
                        """);
        assertThat(plan.outputConfig().at("/text_config/num_hidden_layers").intValue())
                .isEqualTo(5);
        assertThat(plan.outputConfig().at("/vision_config/num_hidden_layers").intValue())
                .isEqualTo(3);
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .contains("'vision_tower' is merged whole, from the models of the first slice");
        bench.run(plan);
        assertThat(bench.first("language_model.model.layers.2.mlp.weight")).isEqualTo(20);
        assertThat(bench.first("language_model.lm_head.weight")).isEqualTo(20);
        assertThat(bench.first("vision_tower.vision_model.encoder.layers.2.mlp.weight"))
                .isEqualTo(12);
    }

    @Test
    void modules_ofAVisionModel_areMergedEachInItsWay() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        bench.deepModel("b", VISION_CONFIG, 20, 3, VISION_MODEL);
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: linear
                        modules:
                          text_decoder:
                            slices:
                            - sources: [{model: a, layer_range: [0, 2]}]
                            parameters: {weight: 1}
                          vision_tower:
                            models: [{model: a}, {model: b}]
                            parameters: {weight: 0.5}
                        """);
        JsonNode config = plan.outputConfig();
        assertThat(config.at("/text_config/num_hidden_layers").intValue()).isEqualTo(2);
        assertThat(config.at("/vision_config/num_hidden_layers").intValue()).isEqualTo(3);
        assertThat(plan.notes())
                .containsExactly(
                        "'modules' does not name 'multi_modal_projector': taken from 'a' as it is");
        bench.run(plan);
        assertThat(bench.first("vision_tower.vision_model.encoder.layers.2.mlp.weight"))
                .isEqualTo(17);
        assertThat(bench.first("language_model.model.layers.1.mlp.weight")).isEqualTo(11);
        assertThat(bench.first("multi_modal_projector.linear.weight")).isEqualTo(10);
    }

    @Test
    void modules_ofT5_areEncoderDecoderAndShared() throws IOException {
        String config = "{\"num_layers\": 3, \"num_decoder_layers\": 3}";
        String[] tensors = {
            "shared.weight",
            "encoder.block.*.layer.0.SelfAttention.q.weight",
            "encoder.final_layer_norm.weight",
            "decoder.block.*.layer.0.SelfAttention.q.weight",
            "decoder.final_layer_norm.weight",
            "lm_head.weight"
        };
        bench.deepModel("a", config, 10, 3, tensors);
        bench.deepModel("b", config, 20, 3, tensors);
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        modules:
                          encoder:
                            slices:
                            - sources: [{model: a, layer_range: [0, 3]}]
                            - sources: [{model: b, layer_range: [2, 3]}]
                          decoder: {slices: [{sources: [{model: b, layer_range: [0, 2]}]}]}
                          shared: {models: [{model: a}]}
                        """);
        assertThat(plan.outputConfig().get("num_layers").intValue()).isEqualTo(4);
        assertThat(plan.outputConfig().get("num_decoder_layers").intValue()).isEqualTo(2);
        assertThat(plan.notes()).isEmpty();
        bench.run(plan);
        assertThat(bench.first("encoder.block.3.layer.0.SelfAttention.q.weight")).isEqualTo(22);
        assertThat(bench.first("decoder.block.1.layer.0.SelfAttention.q.weight")).isEqualTo(21);
        assertThat(bench.first("shared.weight")).isEqualTo(10);
        assertThat(bench.first("lm_head.weight")).isEqualTo(20);
    }

    @Test
    void modules_ofWhisper_writeTheLayersOfEachSide() throws IOException {
        String config = "{\"encoder_layers\": 2, \"decoder_layers\": 2, \"num_hidden_layers\": 2}";
        String[] tensors = {
            "model.encoder.conv1.weight",
            "model.encoder.layers.*.fc1.weight",
            "model.encoder.layer_norm.weight",
            "model.decoder.embed_tokens.weight",
            "model.decoder.layers.*.fc1.weight",
            "proj_out.weight"
        };
        bench.deepModel("a", config, 10, 2, tensors);
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        modules:
                          encoder: {models: [{model: a}]}
                          decoder: {slices: [{sources: [{model: a, layer_range: [1, 2]}]}]}
                        """);
        JsonNode output = plan.outputConfig();
        assertThat(output.get("encoder_layers").intValue()).isEqualTo(2);
        assertThat(output.get("num_hidden_layers").intValue()).isEqualTo(2);
        assertThat(output.get("decoder_layers").intValue()).isEqualTo(1);
        assertThat(plan.tensors()).hasSize(4 + 2 + 1);
    }

    @Test
    void modules_t5WithoutADepthForItsDecoder_getsOne() throws IOException {
        bench.deepModel(
                "a",
                "{\"num_layers\": 2}",
                10,
                2,
                "shared.weight",
                "encoder.block.*.w",
                "decoder.block.*.w");
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        modules:
                          encoder: {slices: [{sources: [{model: a, layer_range: [1, 2]}]}]}
                          decoder: {models: [{model: a}]}
                        """);
        assertThat(plan.outputConfig().get("num_layers").intValue()).isEqualTo(1);
        assertThat(plan.outputConfig().get("num_decoder_layers").intValue()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"default", "language_model", "text_decoder", "language_model.model.layers"})
    void modules_nameOfTheTextDecoder_isUnderstood(String name) throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        MergePlan plan =
                bench.plan(
                        "merge_method: passthrough\nmodules:\n  %s: {slices: [{sources: [{model: a,"
                                        .formatted(name)
                                + " layer_range: [0, 1]}]}]}\n");
        assertThat(plan.outputConfig().at("/text_config/num_hidden_layers").intValue()).isOne();
    }

    @Test
    void modules_unknownName_listsThoseFound() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        TailorException error =
                bench.refusal(
                        "merge_method: passthrough\nmodules:\n  audio: {models: [{model: a}]}\n");
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.render())
                .contains(
                        "merge.yml:3:3: 'a' has no module 'audio'",
                        "its modules: language_model, vision_tower, multi_modal_projector");
    }

    @Test
    void modules_twoNamesOfOne_areRefused() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        TailorException error =
                bench.refusal(
                        """
                        merge_method: passthrough
                        modules:
                          text_decoder: {models: [{model: a}]}
                          default: {models: [{model: a}]}
                        """);
        assertThat(error.render())
                .contains("merge.yml:4:3", "'text_decoder' and 'default' are the same module");
    }

    @Test
    void modules_layersBeyondTheModule_pointAtTheSource() throws IOException {
        bench.deepModel("a", VISION_CONFIG, 10, 3, VISION_MODEL);
        TailorException error =
                bench.refusal(
                        """
                        merge_method: passthrough
                        modules:
                          vision_tower: {slices: [{sources: [{model: a, layer_range: [0, 4]}]}]}
                        """);
        assertThat(error.render())
                .contains("merge.yml:3:46", "'a' has no layer 3 in 'vision_tower', only 3");
    }

    @Test
    void base_withModulesThatTheModelsLack_keepsThem() throws IOException {
        bench.deepModel("base", VISION_CONFIG, 1, 3, VISION_MODEL);
        bench.deepModel(
                "a",
                "{\"num_hidden_layers\": 3}",
                3,
                3,
                "model.embed_tokens.weight",
                "model.layers.*.mlp.weight",
                "model.norm.weight",
                "lm_head.weight");
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: task_arithmetic
                        base_model: base
                        models: [{model: a, parameters: {weight: 0.5}}]
                        """);
        bench.run(plan);
        assertThat(bench.first("language_model.model.embed_tokens.weight")).isEqualTo(2);
        assertThat(bench.first("language_model.model.layers.1.mlp.weight")).isEqualTo(3);
        assertThat(bench.first("language_model.lm_head.weight")).isEqualTo(2);
        assertThat(bench.first("vision_tower.vision_model.encoder.layers.1.mlp.weight"))
                .isEqualTo(2);
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .startsWith("only the base model has 'vision_tower.");
    }

    @Test
    void names_withAndWithoutTheFamilysPrefix_areTheSame() throws IOException {
        bench.deepModel(
                "a",
                "{\"num_hidden_layers\": 2}",
                1,
                2,
                "bert.embeddings.word_embeddings.weight",
                "bert.encoder.layer.*.attention.self.query.weight",
                "bert.pooler.dense.weight");
        bench.deepModel(
                "b",
                "{\"num_hidden_layers\": 2}",
                3,
                2,
                "embeddings.word_embeddings.weight",
                "embeddings.position_ids",
                "encoder.layer.*.attention.self.query.weight");
        MergePlan plan = bench.plan(linear());
        bench.run(plan);
        assertThat(bench.first("bert.embeddings.word_embeddings.weight")).isEqualTo(2);
        assertThat(bench.first("bert.encoder.layer.1.attention.self.query.weight")).isEqualTo(3);
        assertThat(bench.first("bert.embeddings.position_ids")).isEqualTo(3);
        assertThat(bench.first("bert.pooler.dense.weight")).isEqualTo(1);
    }

    private static String linear() {
        return "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: a}, {model: b}]\n";
    }
}
