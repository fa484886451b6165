package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

class MergeConfigTest {
    private static final String LINEAR =
            """
            merge_method: linear
            models:
            - model: a
              parameters: {weight: 0.5}
            - model: b
              parameters: {weight: 0.5}
            """;

    @Test
    void read_slicesWithGradientsAndFilters_keepsEveryLevel() {
        MergeConfig config =
                read(
                        """
                        merge_method: slerp
                        base_model: a
                        slices:
                        - sources:
                          - {model: a, layer_range: [0, 4]}
                          - {model: b, layer_range: [2, 6]}
                          parameters: {t: [0, 1]}
                        - sources:
                          - {model: a, layer_range: [4, 6]}
                          - {model: b, layer_range: [6, 8]}
                        parameters:
                          t:
                          - {filter: self_attn, value: [0.2, 0.6]}
                          - value: 0.5
                        dtype: bfloat16
                        out_dtype: float16
                        """);
        assertThat(config.slices()).hasSize(2);
        assertThat(config.slices().get(0).sources().get(1).layers())
                .contains(new MergeConfig.LayerRange(2, 6));
        assertThat(config.dtype()).contains(DType.BF16);
        assertThat(config.outDType()).contains(DType.F16);
        assertThat(config.models()).extracting(ModelReference::text).containsExactly("a", "b");
        ParameterValue t = config.parameters().get("t");
        assertThat(t.at("model.layers.1.self_attn.q_proj.weight", 0.5)).hasValue(0.4);
        assertThat(t.at("model.layers.1.mlp.up_proj.weight", 0.5)).hasValue(0.5);
    }

    @Test
    void gradient_betweenKnots_isAStraightLine() {
        ParameterValue gradient = new ParameterValue.Gradient(List.of(1.0, 0.7, 0.1));
        assertThat(gradient.at("w", 0)).hasValue(1.0);
        assertThat(gradient.at("w", 1.0 / 3).orElseThrow()).isBetween(0.7999, 0.8001);
        assertThat(gradient.at("w", 2.0 / 3).orElseThrow()).isBetween(0.4999, 0.5001);
        assertThat(gradient.at("w", 1)).hasValue(0.1);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "linear | liner | 1:15 | did you mean 'linear'?",
                "weight: 0.5} | wieght: 0.5} | 4:16 | did you mean 'weight'?",
                "weight: 0.5} | weight: 0.5, denisty: 1} | 4:29 | unknown parameter 'denisty'",
                "weight: 0.5} | weight: heavy} | 4:24 | must be a number",
                "weight: 0.5} | weight: {value: 1, fliter: x}} | 4:35 | did you mean 'filter'?",
                "parameters: | paramters: | 4:3 | did you mean 'parameters'?",
                "linear | linear / dtype: bfloat17 | 2:8 | did you mean 'bfloat16'?",
                "linear | linear / dtyp: bfloat16 | 2:1 | did you mean 'dtype'?",
                "linear | linear / dtype: int64 | 2:8 | would cut every weight to a whole number",
                "linear | linear / out_dtype: int64 | 2:12 | choose bfloat16, float16 or float32",
                "linear | linear / input_model_parameters: {c: {}} | 2:26 | no model 'c' is merged",
                "linear | ties | 1:1 | needs a 'base_model'",
                "linear | linear / tokenizer_source: base | 2:19 | there is no 'base_model'",
                "linear | linear / tokenizer_source: a / tokenizer: {source: a} | 3:1 | give one",
                "linear | linear / tokenizer: {sorce: a} | 2:13 | did you mean 'source'?",
                "linear | linear / tokenizer: {pad_to_multiple_of: -8} | 2:33 | from 1 to 65536",
                "linear | linear / tokenizer: {pad_to_multiple_of: 1e12} | 2:33 | from 1 to 65536",
                "linear | linear / tokenizer: {tokens: {x: }} | 2:22 | needs a 'source'",
                "linear | linear / tokenizer: {tokens: {'': {source: a}}} | 2:22 | needs a"
                        + " spelling",
                "linear | linear / tokenizer: {tokens: {x: {source: q}}} | 2:34 | none of the"
                        + " models",
                "linear | linear / tokenizer: {tokens: {x: {source: a, fore: true}}} | 2:37 | did"
                        + " you mean 'force'?",
                "linear | linear / tokenizer: {tokens: {x: {source: {kind: zeros}}}} | 2:41 | did"
                        + " you mean 'zero'?",
                "linear | linear / tokenizer: {tokens: {x: {source: {kind: zero, model: a}}}} |"
                        + " 2:47 | unknown key 'model'",
                "linear | linear / tokenizer: {tokens: {x: {source: {kind: model_token, model:"
                        + " a}}}} | 2:34 | either 'token' or 'token_id'",
                "linear | linear / tokenizer: {tokens: {x: {source: {kind: model_token, model: a,"
                        + " token: y, token_id: 1}}}} | 2:74 | either 'token' or 'token_id'",
                "linear | linear / tokenizer: {tokens: {x: {source: {kind: model_token, model: a,"
                        + " token_id: -1}}}} | 2:74 | from 0, not -1",
                "linear | linear / chat_template: chatlm | 2:16 | did you mean 'chatml'?",
                "linear | linear / chat_template: none | 2:16 | the template's Jinja text",
            })
    void read_mistake_namesPlaceAndRemedy(String from, String to, String place, String message) {
        int at = LINEAR.indexOf(from);
        String yaml =
                LINEAR.substring(0, at)
                        + to.replace(" / ", "\n")
                        + LINEAR.substring(at + from.length());
        TailorException error = refusal(yaml);
        assertThat(error.render()).contains(message).contains("merge.yml:" + place);
    }

    @Test
    void read_templateThatDoesNotParse_isRefusedWithItsLine() {
        String yaml = LINEAR + "chat_template: \"{{ bos_token }}\\n{% for m in messages %}\"\n";
        TailorException error = catchThrowableOfType(TailorException.class, () -> read(yaml));
        assertThat(error.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
        assertThat(error.render()).contains("merge.yml:7:16").contains("chat_template:2");
    }

    @Test
    void read_tokenizer_keepsRulesInTheOrderOfTheText() {
        TokenizerConfig tokenizer =
                read(LINEAR
                                + """
                                tokenizer:
                                  tokens:
                                    <b>: {source: b}
                                    <a>: {source: {kind: model_token, model: a, token_id: 7}, force: true}
                                    <0>: {source: {kind: zero}}
                                  pad_to_multiple_of: 64
                                """)
                        .tokenizer()
                        .orElseThrow();
        assertThat(tokenizer.source()).isInstanceOf(TokenizerConfig.Source.Union.class);
        assertThat(tokenizer.padToMultipleOf()).isEqualTo(64);
        assertThat(tokenizer.tokens().keySet()).containsExactly("<b>", "<a>", "<0>");
        assertThat(tokenizer.tokens().get("<a>").force()).isTrue();
        assertThat(tokenizer.tokens().get("<a>").source())
                .isInstanceOfSatisfying(
                        TokenizerConfig.RowSource.RowNumber.class,
                        row -> assertThat(row.id()).isEqualTo(7));
    }

    @Test
    void read_modelsForPassthrough_countsThem() {
        TailorException error =
                refusal("merge_method: passthrough\nmodels: [{model: a}, {model: b}]\n");
        assertThat(error.getMessage()).contains("takes exactly 1 model, found 2");
    }

    @Test
    void read_modelsAndSlices_isRefused() {
        TailorException error =
                refusal(
                        "merge_method: passthrough\n"
                                + "models: [{model: a}]\n"
                                + "slices: [{sources: []}]\n");
        assertThat(error.getMessage()).contains("either 'models' or 'slices'");
    }

    @Test
    void read_missingWeight_namesTheModel() {
        TailorException error =
                refusal(
                        "merge_method: linear\n"
                                + "models: [{model: a, parameters: {weight: 1}}, {model: b}]\n");
        assertThat(error.getMessage()).contains("'b' has no 'weight'");
    }

    @Test
    void read_slerpWithForeignBase_isAThirdModel() {
        TailorException error =
                refusal(
                        "merge_method: slerp\nbase_model: c\nmodels: [{model: a}, {model: b}]\n"
                                + "parameters: {t: 0.5}\n");
        assertThat(error.render()).contains("takes 1 to 2 models, found 3", "is one of them");
    }

    private static MergeConfig read(String yaml) {
        return MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst());
    }

    private static TailorException refusal(String yaml) {
        TailorException error = catchThrowableOfType(TailorException.class, () -> read(yaml));
        assertThat(error).as("refused").isNotNull();
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        return error;
    }
}
