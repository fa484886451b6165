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
import dev.tailor.text.Tokenizer;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where rows come from. Three models: `a` knows x, y; `b` y, z and w; `c` z and v. The row of
/// token `i` in a model is `[hundreds of the model + i, i]`.
class VocabularyRowsTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";

    private static final String THREE =
            """
            merge_method: linear
            parameters: {normalize: false}
            models:
            - {model: a, parameters: {weight: 1}}
            - {model: b, parameters: {weight: 0}}
            - {model: c, parameters: {weight: 0}}
            """;

    @TempDir Path directory;

    @BeforeEach
    void models() throws IOException {
        TinyTokenizer.bpe("x", "y").write(model("a", 100, 2));
        TinyTokenizer.bpe("y", "z", "w").write(model("b", 200, 3));
        TinyTokenizer.bpe("z", "v").write(model("c", 300, 2));
    }

    @Test
    void idsBeyondTheMergedRows_withoutATokenizerSource_areRefused() throws IOException {
        TinyTokenizer.bpe("x", "y", "z").added("far", 8).write(directory.resolve("a"));
        TailorException error = refusal(THREE);
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.render())
                .contains("ids up to 8", "only 2 rows ('z' is 2)", "a/tokenizer.json")
                .contains("tokenizer_source: union");
        assertThat(plan(THREE + "tokenizer_source: union\n").vocabulary()).isPresent();
    }

    @Test
    void idsBeyondTheCommonRows_areRefused() throws IOException {
        TinyTokenizer.bpe("x", "y", "z").write(model("a", 100, 3));
        assertThat(refusal(THREE).getMessage()).contains("only 2 rows ('z' is 2)");
    }

    @Test
    void own_tokenInTheModel_keepsItsRow() throws IOException {
        assertThat(rows(THREE + "tokenizer_source: union\n")[0]).containsExactly(100, 0);
        assertThat(rows(THREE + "tokenizer_source: union\n")[1]).containsExactly(101, 1);
    }

    @Test
    void missing_oneDonor_takesItsRow() throws IOException {
        float[][] rows = rows(THREE + "tokenizer_source: union\n");
        assertThat(rows).hasDimensions(5, 2);
        assertThat(rows[3]).containsExactly(202, 2);
        assertThat(rows[4]).containsExactly(301, 1);
    }

    @Test
    void missing_severalDonors_takesTheirMean() throws IOException {
        assertThat(rows(THREE + "tokenizer_source: union\n")[2]).containsExactly(250.5f, 0.5f);
    }

    @Test
    void missing_tokenOfTheBase_takesTheBasesRow() throws IOException {
        assertThat(rows(THREE + "base_model: b\ntokenizer_source: union\n")[1])
                .as("z of a, whose base is b")
                .containsExactly(201, 1);
    }

    @Test
    void rule_tokenThatIsMissing_takesTheNamedRow() throws IOException {
        assertThat(rows(THREE + "tokenizer: {tokens: {z: {source: c}}}\n")[2])
                .containsExactly(300, 0);
        assertThat(
                        rows(
                                THREE
                                        + "tokenizer: {tokens: {z: {source: {kind:"
                                        + " model_token, model: b, token: w}}}}\n")[2])
                .containsExactly(202, 2);
        assertThat(
                        rows(
                                THREE
                                        + "tokenizer: {tokens: {z: {source: {kind:"
                                        + " model_token, model: c, token_id: 1}}}}\n")[2])
                .containsExactly(301, 1);
    }

    @Test
    void rule_tokenThatTheModelHas_changesNothingWithoutForce() throws IOException {
        String rule = "tokenizer: {source: base, tokens: {y: {source: b%s}}}\nbase_model: a\n";
        assertThat(rows(THREE + rule.formatted(""))[1]).containsExactly(101, 1);
        assertThat(rows(THREE + rule.formatted(", force: true"))[1]).containsExactly(200, 0);
    }

    @Test
    void rule_zero_isARowOfZeros() throws IOException {
        float[][] rows =
                rows(
                        THREE
                                + "tokenizer: {tokens: {y: {source: {kind: zero}, force: true},"
                                + " '<new>': {source: {kind: zero}}}}\n");
        assertThat(rows[1]).containsExactly(0, 0);
        assertThat(rows[5]).containsExactly(0, 0);
    }

    @Test
    void source_oneModel_givesItsNumbersToAll() throws IOException {
        float[][] rows = rows(THREE + "tokenizer: {source: b}\n");
        assertThat(rows).hasDimensions(3, 2);
        assertThat(rows[0]).as("y").containsExactly(101, 1);
        assertThat(rows[2]).as("w").containsExactly(202, 2);
    }

    @Test
    void padding_rowsBehindTheTokens_areTheirMean() throws IOException {
        MergePlan plan = plan(THREE + "tokenizer: {source: b, pad_to_multiple_of: 4}\n");
        assertThat(plan.outputConfig().path("vocab_size").asInt()).isEqualTo(4);
        float[][] rows = rows(plan, false);
        assertThat(rows).hasDimensions(4, 2);
        float mean = (101 + 250.5f + 202) / 3;
        assertThat(rows[3]).containsExactly(mean, (1 + 0.5f + 2) / 3);
        assertThat(plan.vocabulary().orElseThrow().tokens()).isEqualTo(3);
    }

    @Test
    void mean_compat_isRoundedAtEachStep() throws IOException {
        TinyTokenizer.bpe("z").write(model("d", 402, 1));
        MergePlan plan =
                plan(
                        THREE
                                + "- {model: d, parameters: {weight: 0}}\n"
                                + "dtype: bfloat16\ntokenizer_source: union\n");
        // 201 + 300 -> 500, + 402 -> 904, / 3 -> 302; exactly it is 301, between 300 and 302.
        assertThat(rows(plan, true)[2][0]).isEqualTo(302);
        assertThat(rows(plan, false)[2][0]).isEqualTo(300);
    }

    @Test
    void rows_beyondTheEmbedding_areNoTokens() throws IOException {
        TinyTokenizer.bpe("y", "z", "w", "far", "z2")
                .merge("z", "w")
                .added("<b>", 9)
                .write(directory.resolve("b"));
        Path output = directory.resolve("out");
        run(plan(THREE + "tokenizer: {source: b}\n"), output, false);
        try (Tokenizer tokenizer = Tokenizer.load(output)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(3);
            assertThat(tokenizer.id("far")).isEmpty();
            assertThat(tokenizer.id("<b>")).isEmpty();
        }
    }

    @Test
    void ids_inTheConfig_followTheirTokens() throws IOException {
        model("a", 100, 2, "\"bos_token_id\": 0, \"eos_token_id\": [1], \"pad_token_id\": -1");
        model("b", 200, 3, "\"bos_token_id\": 2");
        JsonNode config = plan(THREE + "tokenizer: {source: b}\n").outputConfig();
        assertThat(config.path("bos_token_id").asInt()).as("x is gone: b's own").isEqualTo(2);
        assertThat(config.path("eos_token_id").path(0).asInt()).as("y").isEqualTo(0);
        assertThat(config.path("pad_token_id").asInt()).isEqualTo(-1);
    }

    @Test
    void sideFiles_ofAnotherVocabulary_areNotLeftBehind() throws IOException {
        Path a = directory.resolve("a");
        Files.writeString(a.resolve("tokenizer.model"), "sentencepiece");
        Files.writeString(a.resolve("added_tokens.json"), "{}");
        Files.writeString(
                a.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\": {}, \"eos_token\": \"y\"}");
        TinyTokenizer.bpe("z", "v").added("<c>", 1).token("v", 2).write(model("c", 300, 3));
        Path output = directory.resolve("out");
        run(plan(THREE + "tokenizer_source: union\n"), output, false);
        assertThat(output.resolve("tokenizer.model")).doesNotExist();
        assertThat(output.resolve("added_tokens.json")).doesNotExist();
        JsonNode config =
                new JsonMapper()
                        .readTree(Files.readString(output.resolve("tokenizer_config.json")));
        assertThat(config.path("eos_token").asString()).isEqualTo("y");
        assertThat(config.path("added_tokens_decoder").path("5").path("content").asString())
                .isEqualTo("<c>");
        try (Tokenizer tokenizer = Tokenizer.load(output)) {
            assertThat(tokenizer.eosId()).hasValue(1);
            assertThat(tokenizer.encode("v<c>x", false)).containsExactly(4, 5, 0);
        }
    }

    @Test
    void sameTokenizer_withoutChange_copiesBytes() throws IOException {
        for (String name : List.of("b", "c")) {
            TinyTokenizer.bpe("x", "y").write(model(name, 200, 4));
        }
        MergePlan plan = plan(THREE + "tokenizer_source: union\n");
        VocabularyPlan vocabulary = plan.vocabulary().orElseThrow();
        assertThat(vocabulary.files()).isEmpty();
        assertThat(vocabulary.models()).allMatch(VocabularyPlan.ModelRows::isPrefix);
        assertThat(rows(plan, false)).hasDimensions(2, 2);
    }

    @Test
    void noTokenizerOfItsOwn_isTakenToBeTheBases() throws IOException {
        Files.delete(directory.resolve("c/tokenizer.json"));
        MergePlan plan = plan(THREE + "tokenizer_source: union\n");
        assertThat(plan.notes()).anySatisfy(note -> assertThat(note).contains("'c' has no"));
        assertThat(rows(plan, false)[1]).containsExactly(101, 1);
    }

    @Test
    void noTokenizer_ofTheOrigin_isRefused() throws IOException {
        Files.delete(directory.resolve("a/tokenizer.json"));
        TailorException error = refusal(THREE + "tokenizer_source: union\n");
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.render()).contains("a/tokenizer.json").contains("tokenizer_source");
    }

    @Test
    void width_thatDiffers_isRefused() throws IOException {
        new TinyModel()
                .config("{\"vocab_size\": 2}")
                .tensor(EMBEDDING, DType.F32, new float[6], 2, 3)
                .write(directory.resolve("wide"));
        TinyTokenizer.bpe("x", "q").write(directory.resolve("wide"));
        TailorException error = refusal(THREE + "tokenizer: {source: wide}\n");
        assertThat(error.getMessage()).contains("'model.embed_tokens.weight' is [2, 3]");
    }

    @Test
    void token_thatItsSourceLacks_isRefusedWithItsPlace() {
        TailorException error = refusal(THREE + "tokenizer: {tokens: {z: {source: a}}}\n");
        assertThat(error.render()).contains("merge.yml:7:34").contains("'a' has no token 'z'");
        error =
                refusal(
                        THREE
                                + "tokenizer: {tokens: {q: {source: {kind: model_token, model: a,"
                                + " token_id: 2}}}}\n");
        assertThat(error.render()).contains("'a' has no row 2, only 2");
    }

    private Path model(String name, float hundreds, int tokens) throws IOException {
        return model(name, hundreds, tokens, "\"bos_token_id\": null");
    }

    private Path model(String name, float hundreds, int tokens, String settings)
            throws IOException {
        float[] values = new float[2 * tokens];
        for (int i = 0; i < tokens; i++) {
            values[2 * i] = hundreds + i;
            values[2 * i + 1] = i;
        }
        return new TinyModel()
                .config("{\"vocab_size\": " + tokens + ", " + settings + "}")
                .tensor(EMBEDDING, DType.F32, values, tokens, 2)
                .write(directory.resolve(name));
    }

    private MergePlan plan(String yaml) {
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private TailorException refusal(String yaml) {
        TailorException error = catchThrowableOfType(TailorException.class, () -> plan(yaml));
        assertThat(error).as("refused").isNotNull();
        return error;
    }

    private float[][] rows(String yaml) throws IOException {
        return rows(plan(yaml), false);
    }

    private float[][] rows(MergePlan plan, boolean compat) throws IOException {
        Path output = directory.resolve("rows");
        run(plan, output, compat);
        try (Checkpoint checkpoint = Checkpoint.open(output)) {
            DType type = checkpoint.info(EMBEDDING).dtype();
            float[] values = Conversions.toFloats(type, checkpoint.data(EMBEDDING));
            float[][] rows = new float[values.length / 2][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = new float[] {values[2 * i], values[2 * i + 1]};
            }
            return rows;
        }
    }

    private static void run(MergePlan plan, Path output, boolean compat) {
        Merge.run(
                plan,
                output,
                MergeOptions.standard().withThreads(2).withCompat(compat).withDigests(false),
                Event.Listener.none(),
                Cancellation.never());
    }
}
