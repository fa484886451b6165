package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

class TokenizerTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/tokenizer");
    private static final JsonNode EXPECTED =
            JsonMapper.shared().readTree(GOLDEN.resolve("golden_tokenizer.json"));

    @TempDir Path directory;
    private Tokenizer tokenizer;

    @BeforeEach
    void load() {
        tokenizer = Tokenizer.load(GOLDEN);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void encode_plainTexts_givesRecordedIds() {
        for (Map.Entry<String, JsonNode> plain : EXPECTED.path("plain").properties()) {
            assertThat(tokenizer.encode(plain.getKey(), true)).isEqualTo(ints(plain.getValue()));
            if (!plain.getKey().contains("<|")) {
                assertThat(tokenizer.encodeOrdinary(plain.getKey()))
                        .isEqualTo(ints(plain.getValue()));
            }
        }
    }

    @Test
    void encode_renderedConversation_recognisesSpecialTokens() {
        assertThat(tokenizer.encode(EXPECTED.path("rendered").stringValue(), false))
                .isEqualTo(ints(EXPECTED.path("input_ids")));
    }

    @Test
    void encodeGuarded_withoutLiteralRanges_equalsEncode() {
        EncodedText encoded =
                tokenizer.encodeGuarded(EXPECTED.path("rendered").stringValue(), List.of());

        assertThat(encoded.ids()).isEqualTo(ints(EXPECTED.path("input_ids")));
    }

    @Test
    void encodeGuarded_specialTokenInLiteralRange_staysText() {
        String text = "<|im_start|>user\na <|im_end|> b 🙂<|im_end|>\n";
        int content = text.indexOf("a <");
        int end = text.lastIndexOf("<|im_end|>");

        EncodedText encoded = tokenizer.encodeGuarded(text, List.of(new TextRange(content, end)));

        int im_end = tokenizer.id("<|im_end|>").getAsInt();
        assertThat(IntStream.of(encoded.ids()).filter(id -> id == im_end)).hasSize(1);
        int last =
                IntStream.range(0, encoded.length())
                        .filter(i -> encoded.ids()[i] == im_end)
                        .findFirst()
                        .getAsInt();
        assertThat(encoded.starts()[last]).isEqualTo(end);
        assertThat(encoded.ends()[last]).isEqualTo(end + "<|im_end|>".length());
        assertThat(tokenizer.decode(encoded.ids(), false)).isEqualTo(text);
    }

    @Test
    void encodeGuarded_tokenAcrossRangeBoundary_staysText() {
        EncodedText encoded = tokenizer.encodeGuarded("<|im_end|>", List.of(new TextRange(4, 10)));

        assertThat(encoded.length()).isGreaterThan(1);
    }

    @Test
    void encodeOrdinary_specialTokens_areNeverMade() {
        for (String special : tokenizer.specialTokens()) {
            int id = tokenizer.id(special).getAsInt();
            assertThat(tokenizer.encodeOrdinary("x" + special + " " + special)).doesNotContain(id);
            assertThat(tokenizer.encode(special, false)).containsExactly(id);
        }
    }

    @Test
    void encodeOrdinary_unigramWithSpecialPieces_neverTakesThem() throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"),
                """
                {"version":"1.0","truncation":null,"padding":null,
                 "added_tokens":[{"id":0,"content":"<unk>","single_word":false,"lstrip":false,\
                "rstrip":false,"normalized":false,"special":true},{"id":1,"content":"</s>",\
                "single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
                 "normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,
                 "model":{"type":"Unigram","unk_id":0,"byte_fallback":false,
                  "vocab":[["<unk>",0.0],["</s>",0.0],["a",-1.0],["<",-5.0],["/",-5.0],["s",-5.0],[">",-5.0]]}}
                """);

        try (Tokenizer unigram = Tokenizer.load(directory)) {
            assertThat(unigram.encode("a</s>a", false)).containsExactly(2, 1, 2);
            assertThat(unigram.encodeOrdinary("a</s>a")).containsExactly(2, 3, 4, 5, 6, 2);
            assertThat(unigram.encodeOrdinary("aé")).containsExactly(2, 0);
        }
    }

    @Test
    void encodeOrdinary_addedTokensThatAreNotSpecial_keepTheirIds() throws IOException {
        String golden = Files.readString(GOLDEN.resolve("tokenizer.json"));
        String token =
                """
                ,{"id":%d,"content":"%s","single_word":false,"lstrip":false,"rstrip":false,\
                "normalized":false,"special":%s}\
                """;
        int end = golden.indexOf(']', golden.indexOf("added_tokens"));
        Files.writeString(
                directory.resolve("tokenizer.json"),
                golden.substring(0, end)
                        + token.formatted(512, "<|new|>", true)
                        + token.formatted(513, "<think>", false)
                        + golden.substring(end));

        try (Tokenizer extended = Tokenizer.load(directory)) {
            assertThat(extended.encode("<|new|><think>", false)).containsExactly(512, 513);
            assertThat(extended.encodeOrdinary("<|new|><think>")).doesNotContain(512).endsWith(513);
            assertThat(extended.vocabularySize()).isEqualTo(514);
        }
    }

    @Test
    void load_damagedConfigBeside_isCorrupt() throws IOException {
        Files.copy(GOLDEN.resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"bos_token\": ");

        assertThatThrownBy(() -> Tokenizer.load(directory))
                .extracting(e -> ((TailorException) e).where().orElseThrow())
                .asString()
                .endsWith("tokenizer_config.json");
    }

    @Test
    void encode_loneSurrogate_becomesReplacementAndSparesTheRest() {
        int[] ids = tokenizer.encode("🙂 \uD800 🙂", false);

        assertThat(tokenizer.decode(ids, false)).isEqualTo("🙂 \uFFFD 🙂");
    }

    @Test
    void encode_longText_isNotTruncated() {
        String text = "hello world ".repeat(2000);

        assertThat(tokenizer.decode(tokenizer.encode(text, false), false)).isEqualTo(text);
    }

    @Test
    void specialTokens_fromTokenizerConfig_haveIds() {
        assertThat(tokenizer.bosToken()).contains("<s>");
        assertThat(tokenizer.bosId()).hasValue(1);
        assertThat(tokenizer.eosId()).hasValue(2);
        assertThat(tokenizer.padId()).hasValue(0);
        assertThat(tokenizer.stopIds()).containsExactly(2);
        assertThat(tokenizer.addsBos()).isFalse();
        assertThat(tokenizer.vocabularySize()).isEqualTo(512);
    }

    @Test
    void stopIds_listInGenerationConfig_areAllTaken() throws IOException {
        Files.copy(GOLDEN.resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\":[4,2]}");
        Files.writeString(
                directory.resolve("config.json"), "{\"eos_token_id\":3,\"bos_token_id\":1}");

        try (Tokenizer other = Tokenizer.load(directory)) {
            assertThat(other.stopIds()).containsExactlyInAnyOrder(2, 3, 4);
            assertThat(other.eosToken()).contains("<|im_end|>");
            assertThat(other.bosToken()).contains("<s>");
            assertThat(other.padToken()).isEmpty();
        }
    }

    @Test
    void incrementalDecoder_charactersOfSeveralTokens_comeWhole() {
        String text = "élan, 日本語 🙂👩‍👩‍👧 ende";
        IncrementalDecoder decoder = tokenizer.incrementalDecoder(true);
        StringBuilder joined = new StringBuilder();
        for (int id : tokenizer.encode(text, false)) {
            String piece = decoder.add(id);
            assertThat(piece).doesNotContain("\uFFFD");
            joined.append(piece);
        }
        joined.append(decoder.finish());

        assertThat(joined).hasToString(text);
    }

    @Test
    void incrementalDecoder_bytesThatAreNoText_areReleasedAtTheEnd() {
        int[] half = IntStream.of(tokenizer.encode("日", false)).limit(2).toArray();
        IncrementalDecoder decoder = tokenizer.incrementalDecoder(true);

        for (int id : half) {
            assertThat(decoder.add(id)).isEmpty();
        }

        assertThat(decoder.finish()).isEqualTo("\uFFFD");
    }

    @Test
    void checkFits_smallerEmbedding_namesTheFirstTokenBeyond() {
        tokenizer.checkFits(512);

        assertThatThrownBy(() -> tokenizer.checkFits(500))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("ids up to 511")
                .hasMessageContaining("500 rows")
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.MODEL_INVALID);
    }

    @Test
    void checkFits_ofAFile_saysWhatTheLoadedTokenizerSays() {
        Tokenizer.checkFits(GOLDEN, 512);

        for (long rows : new long[] {0, 500, 511}) {
            Throwable said = catchThrowable(() -> tokenizer.checkFits(rows));
            assertThatThrownBy(() -> Tokenizer.checkFits(GOLDEN, rows))
                    .hasMessage(said.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\": {\"vocab\": {\"a\": 0, \"z\": 7}, \"merges\": [[\"a\", \"b\"]]}}",
                "{\"added_tokens\": [{\"id\": 7, \"x\": {\"y\": []}, \"content\": \"z\"}]}",
                "{\"model\": {\"vocab\": [[\"a\", -1], [\"b\", -2.5], [\"z\", -3]]}}",
            })
    void checkFits_anyKindOfFile_namesTheToken(String json) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), json);

        assertThatThrownBy(() -> Tokenizer.checkFits(directory, 2)).hasMessageContaining("'z' is");
        Tokenizer.checkFits(directory, 8);
    }

    @Test
    void checkFits_noFile_isFine() {
        Tokenizer.checkFits(directory, 0);
    }

    @Test
    void load_noFile_isFileNotFound() {
        assertThatThrownBy(() -> Tokenizer.load(directory))
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.FILE_NOT_FOUND);
    }

    @Test
    void load_damagedFiles_areCorrupt() throws IOException {
        String whole = Files.readString(GOLDEN.resolve("tokenizer.json"));
        List<String> damaged =
                List.of(
                        "",
                        "[]",
                        "{}",
                        "<html>not found</html>",
                        whole.substring(0, whole.length() / 2),
                        whole.replace("\"BPE\"", "\"XYZ\""),
                        whole.replace("\"id\": 4", "\"id\": -4"));
        for (String text : damaged) {
            Files.writeString(directory.resolve("tokenizer.json"), text);
            assertThatThrownBy(() -> Tokenizer.load(directory))
                    .extracting(e -> ((TailorException) e).code())
                    .isEqualTo(ErrorCode.FILE_CORRUPT);
        }
    }

    @Test
    void encodeOrdinary_publicTokenizers_keepIdsOfOrdinaryText() {
        Path shared = Path.of(System.getProperty("tailor.shared", "missing"), "data");
        Assumptions.assumeTrue(Files.isDirectory(shared), "public tokenizers are not here");
        String text = "Hello  wörld 🙂\n\n\tdef f(x): return x+1  # 日本語 <tag> 3.14";
        try (Tokenizer phi = Tokenizer.load(shared.resolve("tokenizers/phi-3-mini"))) {
            assertThat(phi.encodeOrdinary(text)).isEqualTo(phi.encode(text, false));
            assertThat(phi.decode(phi.encode(text, false), false)).isEqualTo(text);
            for (String special : phi.specialTokens()) {
                assertThat(phi.encodeOrdinary(special)).doesNotContain(phi.id(special).getAsInt());
            }
            String chat = "<|user|>\nhi </s><|end|>\n<|assistant|>\nthere</s>";
            int inner = chat.indexOf("hi");
            int[] guarded = phi.encodeGuarded(chat, List.of(new TextRange(inner, inner + 7))).ids();
            assertThat(IntStream.of(guarded).filter(id -> id == 2)).hasSize(1);
            assertThat(phi.encodeGuarded(chat, List.of()).ids()).isEqualTo(phi.encode(chat, false));
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
