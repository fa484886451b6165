package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.DType;
import dev.tailor.text.Tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The `tokenizer.json` that two models' become, of every kind, and files that are not what they
/// should be.
class UnionTokenizerTest {
    @TempDir Path directory;

    @Test
    void bpe_wordsBehindAddedTokens_keepEveryIdThroughALibrary() throws IOException {
        write("a", 6, TinyTokenizer.bpe("<unk>", "a", "b", "ab").merge("a", "b").added("<s>", 4));
        write(
                "b",
                6,
                TinyTokenizer.bpe("a", "c", "ac", "aca")
                        .merge("a", "c")
                        .merge("ac", "a")
                        .added("<t>", 4));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.encode("<s>ab aca<t>ac", false)).containsExactly(4, 3, 7, 8, 6);
            assertThat(tokenizer.decode(new int[] {7}, false)).isEqualTo("aca");
        }
    }

    @Test
    void bpe_onlyAddedTokens_leaveTheVocabularyAlone() throws IOException {
        write("a", 5, TinyTokenizer.bpe("a", "b").added("<s>", 2));
        write("b", 5, TinyTokenizer.bpe("a", "b").added("<s>", 2).added("<t>", 3));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.encode("<t>a<s>", false)).containsExactly(3, 0, 2);
        }
        JsonNode model = tokenizerJson().path("model");
        assertThat(model.path("vocab").propertyNames()).containsExactly("a", "b");
    }

    @Test
    void bpe_idsLeftOut_stayLeftOut() throws IOException {
        write("a", 8, TinyTokenizer.bpe("a").token("b", 3).added("<s>", 6));
        write("b", 8, TinyTokenizer.bpe("a", "c"));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.encode("a<s>b", false)).containsExactly(0, 6, 3);
            assertThat(tokenizer.id("c")).hasValue(7);
        }
    }

    @Test
    void wordPiece_newWords_areAppended() throws IOException {
        write("a", 3, wordPiece("[UNK]", "un", "##do"));
        write("b", 3, wordPiece("[UNK]", "re", "##do"));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.encode("undo redo", false)).containsExactly(1, 2, 3, 2);
        }
    }

    @Test
    void unigram_onlyAddedTokens_areAppended() throws IOException {
        write("a", 4, TinyTokenizer.unigram("<unk>", "a"));
        write("b", 4, TinyTokenizer.unigram("<unk>", "a").added("<t>", 2));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.encode("a<t>", false)).containsExactly(1, 2);
        }
    }

    @Test
    void unigram_newPieces_areRefused() throws IOException {
        write("a", 4, TinyTokenizer.unigram("<unk>", "a"));
        write("b", 4, TinyTokenizer.unigram("<unk>", "b"));
        TailorException error = refusal();
        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.render()).contains("Unigram").contains("tokenizer_source: base");
    }

    @Test
    void unigram_piecesWithoutRows_areCutOff() throws IOException {
        write("a", 2, TinyTokenizer.unigram("<unk>", "a", "b").added("<t>", 3));
        write("b", 2, TinyTokenizer.unigram("<unk>", "a"));
        try (Tokenizer tokenizer = merged()) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(2);
        }
    }

    @Test
    void kinds_thatDiffer_areRefusedByName() throws IOException {
        write("a", 2, TinyTokenizer.bpe("a", "b"));
        write("b", 2, TinyTokenizer.unigram("<unk>", "b"));
        assertThat(refusal().getMessage()).contains("one is BPE, the other Unigram");
    }

    @Test
    void alphabets_thatDiffer_areRefused() throws IOException {
        write("a", 2, TinyTokenizer.bpe("a", "b"));
        write("b", 2, TinyTokenizer.bpe("a", "c").set("decoder", "{\"type\": \"ByteLevel\"}"));
        assertThat(refusal().getMessage()).contains("one spells bytes, the other characters");
    }

    @Test
    void preTokenizers_thatDiffer_areNoted() throws IOException {
        write("a", 2, TinyTokenizer.bpe("a", "b"));
        write("b", 2, TinyTokenizer.bpe("a", "c").set("pre_tokenizer", "null"));
        assertThat(plan().notes())
                .anySatisfy(note -> assertThat(note).contains("'b' has another pre_tokenizer"));
    }

    @Test
    void postProcessor_withATokenThatHasNoRow_isRefused() throws IOException {
        write(
                "a",
                2,
                TinyTokenizer.bpe("a", "b")
                        .added("<s>", 5)
                        .set(
                                "post_processor",
                                "{\"type\": \"TemplateProcessing\", \"special_tokens\":"
                                        + " {\"<s>\": {\"id\": \"<s>\", \"ids\": [5],"
                                        + " \"tokens\": [\"<s>\"]}}}"));
        write("b", 2, TinyTokenizer.bpe("a", "c"));
        assertThat(refusal().getMessage()).contains("'<s>' around every text");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 0}}} | same id 0",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}} | not a whole number",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1.5}}} | not a whole number",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 99999999999}}} | not a whole"
                        + " number",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": [\"a\"]}} | no vocabulary",
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 1, \"content\":"
                        + " \"a\"}]} | two ids, 0 and 1",
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 1}]} | no"
                        + " 'content'",
                "{\"version\": \"1.0\"} | no 'model'",
                "[] | not a JSON object",
                "{ | not valid JSON",
            })
    void file_thatIsNoTokenizer_isRefusedByName(String json, String message) throws IOException {
        write("a", 2, TinyTokenizer.bpe("a", "b"));
        write("b", 2, TinyTokenizer.bpe("a", "b"));
        Files.writeString(directory.resolve("b/tokenizer.json"), json);
        TailorException error = refusal();
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.render()).contains(message).contains("b/tokenizer.json");
    }

    @Test
    void ids_farBeyondTheRows_takeNoMemory() throws IOException {
        write("a", 2, TinyTokenizer.bpe("a", "b"));
        write("b", 2, TinyTokenizer.bpe("a", "c").token("far", Integer.MAX_VALUE));
        assertThat(plan().vocabulary().orElseThrow().rows()).isEqualTo(3);
    }

    private static TinyTokenizer wordPiece(String... tokens) {
        TinyTokenizer tokenizer = new TinyTokenizer("WordPiece");
        for (int i = 0; i < tokens.length; i++) {
            tokenizer.token(tokens[i], i);
        }
        return tokenizer
                .model("unk_token", "[UNK]")
                .model("continuing_subword_prefix", "##")
                .model("max_input_chars_per_word", 100);
    }

    private void write(String name, int rows, TinyTokenizer tokenizer) throws IOException {
        Path model =
                new TinyModel()
                        .tensor(
                                "model.embed_tokens.weight",
                                DType.F32,
                                new float[2 * rows],
                                rows,
                                2)
                        .write(directory.resolve(name));
        tokenizer.write(model);
    }

    private MergePlan plan() {
        String yaml =
                """
                merge_method: linear
                base_model: a
                models:
                - {model: a, parameters: {weight: 1}}
                - {model: b, parameters: {weight: 1}}
                tokenizer_source: union
                """;
        return Merge.plan(
                MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                ModelResolver.in(List.of(directory)));
    }

    private TailorException refusal() {
        TailorException error = catchThrowableOfType(TailorException.class, this::plan);
        assertThat(error).as("refused").isNotNull();
        return error;
    }

    private Tokenizer merged() {
        Path output = directory.resolve("out");
        Merge.run(
                plan(),
                output,
                MergeOptions.standard().withThreads(1),
                Event.Listener.none(),
                Cancellation.never());
        return Tokenizer.load(output);
    }

    private JsonNode tokenizerJson() throws IOException {
        return new JsonMapper().readTree(Files.readString(directory.resolve("out/tokenizer.json")));
    }
}
