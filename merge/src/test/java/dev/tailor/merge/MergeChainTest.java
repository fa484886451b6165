package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Merges that build on one another.
class MergeChainTest {
    private static final String LAYER = "model.layers.0.w.weight";
    private static final String CONFIG = "{\"num_hidden_layers\": 1}";

    /// The end comes first: the order of the documents does not matter.
    private static final String CHAIN =
            """
            merge_method: linear
            models: [{model: left}, {model: right}]
            parameters: {weight: 1}
            ---
            name: right
            merge_method: linear
            models: [{model: left}, {model: c}]
            parameters: {weight: 1}
            ---
            name: left
            merge_method: linear
            models: [{model: a}, {model: b}]
            parameters: {weight: 1}
            """;

    @TempDir Path directory;
    private Workbench bench;
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void models() throws IOException {
        bench = new Workbench(directory);
        bench.model("a", CONFIG, 1, LAYER);
        bench.model("b", CONFIG, 3, LAYER);
        bench.model("c", CONFIG, 10, LAYER);
    }

    @Test
    void read_documents_comeAfterThoseTheyUse() {
        MergeChain chain = chain(CHAIN);
        assertThat(chain.links())
                .extracting(MergeChain.Link::name)
                .containsExactly("left", "right", "");
        assertThat(chain.last().uses()).containsExactly("left", "right");
    }

    @Test
    void read_allNamed_endsWithTheOneThatNobodyUses() {
        MergeChain chain = chain(CHAIN.replaceFirst("merge_method", "name: end\nmerge_method"));
        assertThat(chain.last().name()).isEqualTo("end");
    }

    @Test
    void read_oneDocumentWithAName_isThatMerge() {
        MergeChain chain = chain("name: mine\nmerge_method: passthrough\nmodels: [{model: a}]\n");
        assertThat(chain.intermediates()).isEmpty();
        assertThat(chain.last().name()).isEqualTo("mine");
    }

    @Test
    void plan_chain_knowsShapesBeforeAnythingIsMade() throws IOException {
        List<MergePlan> plans = Merge.plan(chain(CHAIN), bench.resolver());
        assertThat(plans).hasSize(3).allSatisfy(plan -> assertThat(plan.parameters()).isEqualTo(4));
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void plan_stackedIntermediate_hasItsNewLayers() {
        String yaml =
                """
                name: deep
                merge_method: passthrough
                slices:
                - sources: [{model: a, layer_range: [0, 1]}]
                - sources: [{model: b, layer_range: [0, 1]}]
                ---
                merge_method: passthrough
                slices:
                - sources: [{model: deep, layer_range: [1, %d]}]
                """;
        List<MergePlan> plans = Merge.plan(chain(yaml.formatted(2)), bench.resolver());
        assertThat(plans.getLast().outputConfig().get("num_hidden_layers").intValue()).isOne();
        TailorException error =
                refusal(() -> Merge.plan(chain(yaml.formatted(3)), bench.resolver()));
        assertThat(error.render()).contains("merge.yml:9:21", "'deep' has no layer 2, only 2");
    }

    @Test
    void plan_intermediateWithAVocabularyOfItsOwn_givesItToTheNext() {
        List<MergePlan> plans =
                Merge.plan(
                        chain(
                                """
                                name: both
                                merge_method: linear
                                base_model: models/tokA-bf16
                                models: [{model: models/tokA-bf16}, {model: models/tokB-bf16}]
                                parameters: {weight: 1}
                                tokenizer_source: union
                                ---
                                merge_method: linear
                                base_model: both
                                models: [{model: both}, {model: models/tokA-bf16}]
                                parameters: {weight: 1}
                                tokenizer_source: base
                                """),
                        ModelResolver.in(List.of(Golden.ROOT)));
        assertThat(plans.getLast().outputConfig().get("vocab_size"))
                .isEqualTo(plans.getFirst().outputConfig().get("vocab_size"));
        assertThat(plans.getLast().vocabulary()).isPresent();
    }

    @Test
    void run_chain_makesTheEndAndRemovesTheRest() {
        run(CHAIN, false);
        assertThat(bench.first(LAYER)).isEqualTo((2 + 6) / 2f);
        assertThat(intermediates()).doesNotExist();
    }

    @Test
    void run_again_usesKeptIntermediatesUnlessSomethingChanged() throws IOException {
        run(CHAIN, true);
        assertThat(intermediates().resolve("left/model.safetensors")).exists();
        notes.clear();
        run(CHAIN, true);
        assertThat(notes)
                .anySatisfy(note -> assertThat(note).contains("'left' is unchanged"))
                .anySatisfy(note -> assertThat(note).contains("'right' is unchanged"));
        notes.clear();
        bench.model("c", "{\"num_hidden_layers\": 1, \"new\": true}", 20, LAYER);
        run(CHAIN, true);
        assertThat(notes)
                .anySatisfy(note -> assertThat(note).contains("'left' is unchanged"))
                .anySatisfy(note -> assertThat(note).contains("making the merge 'right'"));
        assertThat(bench.first(LAYER)).isEqualTo((2 + 11) / 2f);
        notes.clear();
        run(CHAIN.replace("{model: b}", "{model: a}"), true);
        assertThat(notes)
                .anySatisfy(note -> assertThat(note).contains("making the merge 'left'"))
                .anySatisfy(note -> assertThat(note).contains("making the merge 'right'"));
        assertThat(bench.first(LAYER)).isEqualTo((1 + 10.5f) / 2);
    }

    @Test
    void run_lastMergeThatDoesNotFit_makesNothing() throws IOException {
        bench.model("c", CONFIG, 10, "model.layers.0.other.weight");
        TailorException error = refusal(() -> run(CHAIN, true));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(intermediates()).doesNotExist();
    }

    @ParameterizedTest(name = "{3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{model: b} | {model: right} | 5:1 | in a circle: right -> left -> right",
                "{model: b} | {model: left} | 10:1 | in a circle: left -> left",
                "name: right | name: left | 10:1 | a second merge with the name 'left'",
                "name: right | # | 6:1 | a second merge without a name",
                "name: right | name: a/b | 5:1 | cannot be the name of a directory",
                "merge_method: linear | name: end / merge_method: slinear | 2:15 | unknown merge"
                        + " method",
            })
    void read_mistake_pointsAtIt(String from, String to, String place, String message) {
        String yaml = CHAIN.replaceFirst(Pattern.quote(from), to);
        TailorException error = refusal(() -> chain(yaml.replace(" / ", "\n")));
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.render()).contains(message, "merge.yml:" + place);
    }

    @Test
    void read_twoUnused_areRefused() {
        String yaml = CHAIN.replace("{model: left}, {model: c}", "{model: c}");
        TailorException error =
                refusal(() ->
                        chain(
                                yaml.replaceFirst("merge_method", "name: end\nmerge_method")
                                        .replace(
                                                "{model: left}, {model: right}", "{model: left}")));
        assertThat(error.render()).contains("which one is to be made?", "merge.yml:6:1");
    }

    @Test
    void plan_unknownName_pointsAtIt() {
        TailorException error =
                refusal(() ->
                        Merge.plan(
                                chain(CHAIN.replace("{model: right}", "{model: rihgt}")),
                                bench.resolver()));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.render())
                .contains("merge.yml:2:33", "no such model: 'rihgt'", "no merge of the file");
    }

    private static MergeChain chain(String yaml) {
        Path file = Path.of("merge.yml");
        return MergeChain.read(file, Yaml.parse(file, yaml));
    }

    private void run(String yaml, boolean keep) {
        Merge.run(
                chain(yaml),
                bench.resolver(),
                directory.resolve("out"),
                MergeOptions.standard(),
                keep,
                event -> {
                    if (event instanceof Event.Note note) {
                        notes.add(note.message());
                    }
                },
                Cancellation.never());
    }

    private Path intermediates() {
        return directory.resolve("out.intermediates");
    }

    private static TailorException refusal(ThrowingCallable action) {
        TailorException error = catchThrowableOfType(TailorException.class, action);
        assertThat(error).as("refused").isNotNull();
        return error;
    }
}
