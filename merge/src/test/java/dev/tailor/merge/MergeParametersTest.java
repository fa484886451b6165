package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;

/// Which value of a parameter holds for a tensor.
class MergeParametersTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    @TempDir Path directory;
    private Workbench bench;

    @BeforeEach
    void models() throws IOException {
        bench = new Workbench(directory);
        for (String name : new String[] {"base", "a", "b"}) {
            bench.deepModel(
                    name,
                    "{\"num_hidden_layers\": 4}",
                    1,
                    4,
                    EMBEDDING,
                    "model.layers.*.mlp.weight",
                    "model.layers.*.attn.weight",
                    "model.norm.weight",
                    HEAD);
        }
    }

    @ParameterizedTest(name = "{0} level(s) given")
    @CsvSource({"5, 0.5", "4, 0.4", "3, 0.3", "2, 0.2", "1, 0.1"})
    void lookUp_levels_goesFromSourceToMerge(int levels, double expected) {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: linear
                        modules:
                          default:
                            slices:
                            - sources:
                              - {model: a, layer_range: [0, 4], parameters: {%s}}
                              parameters: {%s}
                            parameters: {%s}
                        input_model_parameters: {a: {%s}}
                        parameters: {%s}
                        """
                                .formatted(
                                        levels > 4 ? "weight: 0.5" : "",
                                        levels > 3 ? "weight: 0.4" : "",
                                        levels > 1 ? "weight: 0.2" : "",
                                        levels > 2 ? "weight: 0.3" : "",
                                        "weight: 0.1"));
        assertThat(Workbench.value(plan, "model.layers.2.mlp.weight", "weight", 0))
                .isEqualTo(expected);
    }

    /// Every level with gradients and filters at once, in layers of other numbers than the
    /// output's.
    @Test
    void lookUp_recordedMerge_sameBytes() {
        Path output = directory.resolve("out");
        Golden.run(
                Golden.plan("precedence-bf16"), output, MergeOptions.standard().withCompat(true));
        try (Checkpoint ours = Checkpoint.open(output);
                Checkpoint theirs = Checkpoint.open(Golden.expected("precedence-bf16"))) {
            assertThat(ours.tensors()).containsExactlyInAnyOrderElementsOf(theirs.tensors());
            for (String name : theirs.names()) {
                assertThat(ours.data(name).mismatch(theirs.data(name))).as(name).isEqualTo(-1);
            }
        }
    }

    @Test
    void lookUp_filterThatLeavesTensorOut_goesToTheNextLevel() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: linear
                        models:
                        - model: a
                          parameters: {weight: [{filter: mlp, value: 0.25}]}
                        parameters:
                          weight: [{filter: layers.1., value: 2}, {value: 3}, {value: 4}]
                          normalize: [{filter: attn, value: false}, {filter: "*", value: true}]
                        """);
        assertThat(Workbench.value(plan, "model.layers.1.mlp.weight", "weight", 0)).isEqualTo(0.25);
        assertThat(Workbench.value(plan, "model.layers.1.attn.weight", "weight", 0)).isEqualTo(2);
        assertThat(Workbench.value(plan, "model.layers.2.attn.weight", "weight", 0)).isEqualTo(3);
        assertThat(Workbench.value(plan, "model.layers.1.attn.weight", "normalize", 0)).isZero();
        assertThat(Workbench.value(plan, "model.layers.1.mlp.weight", "normalize", 0)).isOne();
    }

    @Test
    void gradient_insideFilter_runsOverTheSliceAndStartsOutsideOfLayers() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: slerp
                        base_model: a
                        models: [{model: a}, {model: b}]
                        parameters:
                          t:
                          - {filter: mlp, value: [1, 0.7, 0.1]}
                          - value: [0, 1]
                        """);
        assertThat(Workbench.values(plan, i -> "model.layers." + i + ".mlp.weight", "t", 4))
                .usingComparatorForType(
                        (x, y) -> Math.abs(x - y) < 1e-12 ? 0 : Double.compare(x, y), Double.class)
                .containsExactly(1.0, 0.8, 0.5, 0.1);
        assertThat(Workbench.value(plan, EMBEDDING, "t", 0)).isZero();
        assertThat(Workbench.value(plan, HEAD, "t", 0)).isZero();
        assertThat(Workbench.value(plan, "model.norm.weight", "t", 0)).isZero();
    }

    @Test
    void gradient_inASliceOfOneLayer_isAtItsEnd() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: slerp
                        base_model: a
                        slices:
                        - sources: [{model: a, layer_range: [0, 1]}, {model: b, layer_range: [0, 1]}]
                          parameters: {t: [0.25, 0.75]}
                        - sources: [{model: a, layer_range: [1, 4]}, {model: b, layer_range: [1, 4]}]
                          parameters: {t: [0, 1]}
                        """);
        assertThat(Workbench.values(plan, i -> "model.layers." + i + ".mlp.weight", "t", 4))
                .containsExactly(0.75, 0.0, 0.5, 1.0);
        assertThat(Workbench.value(plan, EMBEDDING, "t", 0)).isEqualTo(0.25);
        assertThat(Workbench.value(plan, HEAD, "t", 0)).isZero();
    }

    @Test
    void filter_ofAModel_seesTheNumbersOfItsOwnLayers() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: passthrough
                        slices:
                        - sources:
                          - model: a
                            layer_range: [2, 4]
                            parameters: {scale: [{filter: layers.3., value: 0}, {value: 1}]}
                        """);
        assertThat(Workbench.value(plan, "model.layers.1.mlp.weight", "scale", 0)).isZero();
        assertThat(Workbench.tensor(plan, "model.layers.0.mlp.weight").operation())
                .isEqualTo(new Operation.Copy(1));
    }

    @Test
    void value_booleanOrQuoted_isANumber() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: linear
                        models:
                        - {model: a, parameters: {weight: true}}
                        - {model: b, parameters: {weight: "0.25"}}
                        parameters: {normalize: 0}
                        """);
        assertThat(Workbench.value(plan, HEAD, "weight", 0)).isEqualTo(1);
        assertThat(Workbench.value(plan, HEAD, "weight", 1)).isEqualTo(0.25);
        assertThat(Workbench.value(plan, HEAD, "normalize", 0)).isZero();
    }

    @ParameterizedTest(name = "{1} in {0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "task_arithmetic | density: 0.5 | 'density' has no effect in a task_arithmetic"
                        + " merge",
                "ties | int8_mask: true | 'int8_mask' has no effect: it only chooses the type",
                "ties | embed_slerp: true | 'embed_slerp' has no effect",
                "ties | t: 0.5 | 't' has no effect in a ties merge",
            })
    void parameter_ofAnotherMethod_isAcceptedWithANote(
            String method, String parameter, String note) {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: %s
                        base_model: base
                        models: [{model: a}]
                        parameters:
                          weight: 1
                          %s
                        """
                                .formatted(method, parameter));
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .startsWith("merge.yml:6:3: ")
                .contains(note);
    }

    @Test
    void parameter_ofTheMergeBelowAModel_isAcceptedWithANote() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: slerp
                        base_model: a
                        models: [{model: a, parameters: {t: 0.9, weight: 2}}, {model: b}]
                        parameters: {t: 0.5}
                        """);
        assertThat(Workbench.value(plan, HEAD, "t", 0)).isEqualTo(0.5);
        assertThat(plan.notes())
                .containsExactly(
                        "merge.yml:3:34: 't' has no effect below a model: it is a setting of the"
                                + " merge",
                        "merge.yml:3:42: 'weight' has no effect in a slerp merge");
    }

    @Test
    void oldSettings_areAcceptedWithNotes() {
        MergePlan plan =
                bench.plan(
                        """
                        merge_method: linear
                        slices:
                        - sources: [{model: a, layer_range: [0, 4]}]
                          residual_weight: 0.5
                        torch_dtype: float16
                        embed_slerp: true
                        input_model_parameters: {a: {weight: 0.5}}
                        """);
        assertThat(plan.outputConfig().get("dtype").stringValue()).isEqualTo("float16");
        assertThat(plan.notes())
                .anySatisfy(
                        note -> assertThat(note).startsWith("merge.yml:4:3").contains("residual"))
                .anySatisfy(
                        note -> assertThat(note).startsWith("merge.yml:5:1").contains("'dtype'"))
                .anySatisfy(note -> assertThat(note).startsWith("merge.yml:6:1").contains("old"))
                .anySatisfy(
                        note -> assertThat(note).startsWith("merge.yml:7:1").contains("spelling"));
    }

    @Test
    void value_missingBehindFilters_namesParameterModelAndTensor() {
        TailorException error =
                bench.refusal(
                        """
                        merge_method: linear
                        models:
                        - model: a
                          parameters: {weight: {filter: mlp, value: 1}}
                        """);
        assertThat(error.render())
                .contains("no 'weight' of 'a' for tensor '" + EMBEDDING + "'", "without a filter");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "linear | [{model: a, parameters: {weight: 1}}, {model: b}] | 3:55 | 'b' has no"
                        + " 'weight'",
                "slerp | [{model: a}, {model: b}] | 1:1 | a slerp merge needs 't'",
                "nearswap | [{model: a}, {model: b}] | 1:1 | a nearswap merge needs 't'",
                "ties | [{model: a, parameters: {wieght: 1}}] | 3:34 | did you mean 'weight'?",
                "model_stock | [{model: a}, {model: b, parameters: {x: 1}}] | 3:46 | known:"
                        + " filter_wise",
            })
    void parameter_missingOrUnknown_isRefused(
            String method, String models, String place, String message) {
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () ->
                                MergeConfig.read(
                                        Workbench.node(
                                                "merge_method: %s\nbase_model: a\nmodels: %s\n"
                                                        .formatted(method, models))));
        assertThat(error).as("refused").isNotNull();
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.render()).contains("merge.yml:" + place + ":", message);
    }
}
