package dev.tailor.merge.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

/// The names are those that checkpoints of these families have.
class ModelStructureTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | model.layers. | self_attn.q_proj.weight | model.embed_tokens.weight"
                        + " | model.norm.weight lm_head.weight",
                "gpt2 | transformer.h. | attn.c_attn.weight | transformer.wte.weight"
                        + " transformer.wpe.weight | transformer.ln_f.weight transformer.ln_f.bias",
                "gpt2 without a head | h. | attn.c_attn.weight | wte.weight wpe.weight | ln_f.bias",
                "falcon | transformer.h. | self_attention.query_key_value.weight"
                        + " | transformer.word_embeddings.weight | transformer.ln_f.weight",
                "gpt-neox | gpt_neox.layers. | attention.dense.weight | gpt_neox.embed_in.weight"
                        + " | gpt_neox.final_layer_norm.weight embed_out.weight",
                "mamba | backbone.layers. | mixer.A_log | backbone.embeddings.weight"
                        + " | backbone.norm_f.weight",
                "bert | bert.encoder.layer. | attention.self.query.weight"
                        + " | bert.embeddings.word_embeddings.weight bert.embeddings.LayerNorm.bias"
                        + " | bert.pooler.dense.weight cls.predictions.bias",
                "distilbert | distilbert.transformer.layer. | attention.k_lin.weight"
                        + " | distilbert.embeddings.word_embeddings.weight | classifier.weight",
                "internlm2 | model.layers. | attention.wqkv.weight | model.tok_embeddings.weight"
                        + " | model.norm.weight output.weight",
                "chatglm | transformer.encoder.layers. | mlp.dense_h_to_4h.weight"
                        + " | transformer.embedding.word_embeddings.weight"
                        + " | transformer.encoder.final_layernorm.weight"
                        + " transformer.output_layer.weight",
                "mixtral | model.layers. | block_sparse_moe.experts.7.w1.weight"
                        + " | model.embed_tokens.weight | lm_head.weight",
                "a family of its own | net.stages. | mixer.gate.weight | net.word_embeddings.weight"
                        + " | net.final_norm.weight",
            })
    void of_family_findsLayersAndWhatIsOutside(
            String family, String prefix, String part, String before, String after) {
        List<String> names = new ArrayList<>(List.of((before + " " + after).split(" ")));
        for (int i = 0; i < 12; i++) {
            names.add(prefix + i + "." + part);
        }
        ModelStructure structure = ModelStructure.of(names);
        assertThat(structure.modules()).hasSize(1);
        LayerNames module = structure.mainModule();
        assertThat(module.name()).isEqualTo("default");
        assertThat(module.prefix()).isEqualTo(prefix);
        assertThat(module.count()).isEqualTo(12);
        assertThat(module.layers().get(11)).containsEntry(part, prefix + "11." + part);
        assertThat(module.before()).containsExactly(before.split(" "));
        assertThat(module.after()).containsExactly(after.split(" "));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "t5 | decoder.block.0.layer.0.w encoder.block.0.layer.0.w"
                        + " encoder.final_layer_norm.weight shared.weight lm_head.weight"
                        + " | decoder encoder shared | decoder",
                "whisper | model.encoder.layers.0.w model.encoder.conv1.weight"
                        + " model.decoder.layers.0.w model.decoder.embed_tokens.weight"
                        + " proj_out.weight | model.encoder model.decoder | model.decoder",
                "gemma 3 | language_model.model.layers.0.w language_model.model.norm.weight"
                        + " vision_tower.vision_model.encoder.layers.0.w"
                        + " vision_tower.vision_model.post_layernorm.weight"
                        + " multi_modal_projector.mm_soft_emb_norm.weight"
                        + " | language_model vision_tower multi_modal_projector | language_model",
                "gemma 3, newer names | model.language_model.layers.0.w"
                        + " model.vision_tower.layers.0.w model.multi_modal_projector.linear.weight"
                        + " lm_head.weight | model.language_model model.vision_tower"
                        + " model.multi_modal_projector | model.language_model",
                "qwen2-vl | model.layers.0.w model.embed_tokens.weight visual.blocks.0.w"
                        + " visual.merger.mlp.0.weight visual.patch_embed.proj.weight"
                        + " | model visual visual.merger | model",
                "qwen3-vl | model.language_model.layers.0.w model.visual.blocks.0.w"
                        + " model.visual.deepstack_merger_list.0.norm.weight"
                        + " model.visual.deepstack_merger_list.1.norm.weight lm_head.weight"
                        + " | model.language_model model.visual | model.language_model",
                "clip | text_model.encoder.layers.0.w vision_model.encoder.layers.0.w logit_scale"
                        + " | text_model vision_model | text_model",
                "extra head | model.layers.0.w model.layers.1.w mtp.layers.0.w model.norm.weight"
                        + " | model mtp | model",
            })
    void of_severalLayerLists_makesEachAModule(
            String family, String names, String modules, String main) {
        ModelStructure structure = ModelStructure.of(List.of(names.split(" ")));
        assertThat(structure.modules())
                .extracting(LayerNames::name)
                .containsExactly(modules.split(" "));
        assertThat(structure.mainModule().name()).isEqualTo(main);
        assertThat(structure.modules())
                .flatExtracting(LayerNames::all)
                .containsExactlyInAnyOrder(names.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "model.norm.weight, model.layers., language_model.model.layers.,"
                + " language_model.model.norm.weight",
        "language_model.lm_head.weight, language_model.model.layers., model.layers.,"
                + " lm_head.weight",
        "model.norm.weight, model.layers., model.language_model.layers.,"
                + " model.language_model.norm.weight",
        "model.norm.weight, model.layers., layers., norm.weight",
        "embeddings.LayerNorm.bias, encoder.layer., bert.encoder.layer.,"
                + " bert.embeddings.LayerNorm.bias",
        "lm_head.weight, model.layers., model.layers., lm_head.weight",
        "lm_head.weight, model.layers., my.layers., lm_head.weight",
    })
    void translated_betweenModels_exchangesTheFirstComponents(
            String name, String from, String to, String expected) {
        assertThat(LayerNames.translated(name, from, to)).isEqualTo(expected);
    }

    @Test
    void of_computedFrequencies_areNoTensorsOfTheModel() {
        ModelStructure structure =
                ModelStructure.of(
                        List.of(
                                "model.layers.0.w",
                                "model.layers.0.self_attn.rotary_emb.inv_freq",
                                "model.rotary_emb.inv_freq"));
        assertThat(structure.mainModule().all()).containsExactly("model.layers.0.w");
    }

    @Test
    void of_noLayers_isOneModule() {
        ModelStructure structure = ModelStructure.of(List.of("fc.weight", "mlp.0.weight"));
        assertThat(structure.modules()).hasSize(1);
        assertThat(structure.mainModule().layers()).isEmpty();
        assertThat(structure.mainModule().before()).hasSize(2);
    }
}
