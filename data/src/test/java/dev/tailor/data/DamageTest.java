package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// Files that are not what they say are refused with a place and a remedy; bad rows are counted and
/// listed.
class DamageTest {
    private static final String GOOD = "{\"text\":\"good\"}\n";

    @TempDir Path directory;

    @Test
    void binaryAsJsonLines_isRefused() throws IOException {
        refused(bytes("a.jsonl", new byte[] {1, 2, 0, 3, 4, 10, 7}), "binary data", ":1");
    }

    @Test
    void htmlPageAsJsonLines_isRefused() throws IOException {
        refused(
                text("a.jsonl", "<!DOCTYPE html>\n<html><body>404</body></html>\n"),
                "an HTML page",
                ":1");
    }

    @Test
    void gitLfsPointer_isRefusedWithItsRemedy() throws IOException {
        Path file = text("a.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");

        refused(file, "Git LFS pointer", "a.parquet");
        assertThatThrownBy(() -> open(file))
                .extracting(e -> ((TailorException) e).remedy().orElseThrow())
                .asString()
                .contains("git lfs pull");
    }

    @Test
    void jsonAsParquet_isRefused() throws IOException {
        refused(
                text("a.parquet", "[{\"text\":\"x\"}]"),
                "not a Parquet file but JSON",
                "a.parquet");
    }

    @Test
    void truncatedParquet_isRefused() throws IOException {
        byte[] whole =
                Files.readAllBytes(Path.of("src/test/resources/parquet/messages-snappy.parquet"));

        refused(
                bytes("a.parquet", Arrays.copyOf(whole, whole.length - 20)),
                "a damaged Parquet file",
                "a.parquet");
    }

    @Test
    void parquetAsJsonLines_isRefused() throws IOException {
        byte[] whole =
                Files.readAllBytes(Path.of("src/test/resources/parquet/messages-snappy.parquet"));

        refused(bytes("a.jsonl", whole), "a Parquet file", ":1");
    }

    @Test
    void truncatedJson_isRefusedWithItsLine() throws IOException {
        refused(
                text("a.json", "[\n{\"text\":\"one\"},\n{\"text\":\"tw"),
                "ends in the middle",
                ":3");
        refused(text("b.json", "{\"data\":[{\"text\":\"one\"}]"), "ends in the middle", ":1");
    }

    @Test
    void jsonArrayWithSomethingBehind_isRefused() throws IOException {
        refused(text("a.json", "[{\"text\":\"one\"}]\n]"), "", ":2");
    }

    @Test
    void truncatedJsonLines_areRefusedWithTheirLine() throws IOException {
        refused(text("a.jsonl", GOOD + GOOD + "{\"text\":\"tw"), "middle of a row", ":3");
    }

    @Test
    void invalidUtf8_isRefusedWithItsLine() throws IOException {
        byte[] latin1 = "{\"text\":\"gr\u00fcn\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        refused(joined("a.jsonl", GOOD.getBytes(StandardCharsets.UTF_8), latin1), "UTF-8", ":2");
        refused(
                joined("a.txt", "one\ntwo\n".getBytes(StandardCharsets.UTF_8), latin1),
                "UTF-8",
                ":3");
        refused(
                joined("a.csv", "text\none\n".getBytes(StandardCharsets.UTF_8), latin1),
                "UTF-8",
                ":3");
        refused(joined("a.json", "[\n".getBytes(StandardCharsets.UTF_8), latin1), "UTF-8", ":2");
    }

    @Test
    void utf16_isRefusedWithItsRemedy() throws IOException {
        refused(bytes("a.jsonl", GOOD.getBytes(StandardCharsets.UTF_16)), "UTF-16", ":1");
    }

    @Test
    void zeroBytesInText_areRefused() throws IOException {
        refused(text("a.txt", "a line\n" + "x".repeat(600) + "\n\0\0\n"), "binary", ":3");
    }

    @Test
    void emptyFiles_areRefused() throws IOException {
        refused(text("a.jsonl", ""), "empty data set", "a.jsonl");
        refused(text("b.json", ""), "empty data set", "b.json");
        refused(text("b.csv", ""), "empty file", "b.csv");
        refused(text("a.json", "[]"), "empty data set", "a.json");
        refused(text("a.csv", "text\n"), "empty data set", "a.csv");
        refused(text("b.jsonl", "\n\n"), "not one of 2 rows", "b.jsonl");
    }

    @Test
    void emptyText_isAnErrorWhenRead() throws IOException {
        DataSet data = open(text("a.txt", "  \n\n"));

        assertThatThrownBy(data::toList)
                .hasMessageContaining("not one of 1 rows can be used")
                .hasMessageContaining("'text' is empty");
    }

    @Test
    void emptyText_amongOthers_isOneRejectedRow() throws IOException {
        DataSet data = DataSet.open(DataSource.of(text("a.txt", ""), text("b.txt", "some text")));

        assertThat(data.report().rejectedByReason())
                .containsExactly(Map.entry("'text' is empty", 1L));
        assertThat(data.toList()).hasSize(1);
    }

    @Test
    void binaryNamedAsText_isRefusedWhenOpened() throws IOException {
        refused(bytes("a.txt", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 0, 1}), "binary", ":1");
    }

    @Test
    void lineBeyondTheBound_isRefused() throws IOException {
        Path file = text("a.jsonl", GOOD + "{\"text\":\"" + "x".repeat(300_000) + "\"}\n");
        DataSource source =
                DataSource.of(file).withLimits(new DataSource.Limits(100_000, 100, 200));

        assertThatThrownBy(() -> DataSet.open(source).toList())
                .satisfies(isInvalid("more than 100000 bytes", ":2"));
    }

    @Test
    void deepNesting_isARejectedRowOrARefusedFile() throws IOException {
        String deep = "[".repeat(5000) + "]".repeat(5000);
        DataSet data = open(text("a.jsonl", GOOD + "{\"text\":" + deep + "}\n"));

        assertThat(data.report().rejectedByReason())
                .containsEntry("JSON beyond the bounds (too deeply nested, or too long)", 1L);
        refused(text("a.json", "[{\"text\":" + deep + "}]"), "too deeply nested", ":1");
    }

    @Test
    void jsonInsideAString_deeplyNested_doesNoHarm() throws IOException {
        String deep = "[".repeat(5000) + "]".repeat(5000);
        DataSet data =
                open(
                        text(
                                "a.jsonl",
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n"
                                    + "{\"messages\":\""
                                        + deep
                                        + "\"}\n"));

        assertThat(data.report().rejected()).isEqualTo(1);
    }

    @Test
    void zipBomb_isRefused() throws IOException {
        Path file = directory.resolve("bomb.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(GOOD.getBytes(StandardCharsets.UTF_8));
            byte[] lines = "\n".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 80; i++) {
                out.write(lines);
            }
        }

        assertThatThrownBy(() -> open(file).report()).satisfies(isInvalid("unpacks to", "bomb"));
    }

    @Test
    void damagedGzip_isRefused() throws IOException {
        refused(text("a.jsonl.gz", GOOD), "not a gzip file", "a.jsonl.gz");
        Path whole = directory.resolve("b.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
            out.write(
                    new java.util.Random(1)
                            .ints(200_000, 'a', 'z')
                            .collect(
                                    StringBuilder::new,
                                    StringBuilder::appendCodePoint,
                                    StringBuilder::append)
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));
        }
        byte[] packed = Files.readAllBytes(whole);
        refused(
                bytes("c.txt.gz", Arrays.copyOf(packed, packed.length / 2)),
                "damaged gzip",
                "c.txt.gz");
    }

    @Test
    void notAPdf_isRefused() throws IOException {
        refused(text("a.pdf", "%PDF-1.7\nnothing"), "not a readable PDF", "a.pdf");
    }

    @Test
    void unclosedQuote_isRefusedWhereItBegins() throws IOException {
        refused(text("a.csv", "text\none\n\"two\nthree\nfour\n"), "never ends", ":3");
    }

    @Test
    void unknownExtension_isRefused() throws IOException {
        refused(text("a.docx", "PK"), "does not say what kind", "a.docx");
    }

    @Test
    void brokenLines_areCountedListedAndSkipped() throws IOException {
        DataSet data =
                open(
                        text(
                                "a.jsonl",
                                GOOD
                                        + "{\"text\":\n"
                                        + "\n"
                                        + "[1,2]\n"
                                        + "{\"text\":\"  \"}\n"
                                        + "{\"other\":1}\n"
                                        + "{\"text\":{\"a\":1}}\n"
                                        + "{\"text\":null}\n"
                                        + GOOD.strip()
                                        + GOOD
                                        + "{\"text\":\"last\"}\n"));

        DataReport report = data.report();

        assertThat(report.rows()).isEqualTo(10);
        assertThat(report.samples()).isEqualTo(2);
        assertThat(report.rejectedByReason())
                .isEqualTo(
                        Map.of(
                                "not valid JSON", 1L,
                                "an empty line", 1L,
                                "JSON, but not an object {...}", 1L,
                                "'text' is empty", 1L,
                                "no column 'text'", 1L,
                                "'text' is not text", 1L,
                                "'text' is null", 1L,
                                "not valid JSON: something follows the object on the same line",
                                        1L));
        assertThat(report.rejections().getFirst().origin().toString()).endsWith("a.jsonl:2");
        assertThat(report.rejections().getFirst().verbatim()).isEqualTo("{\"text\":");
        assertThat(data.toList()).hasSize(2);
    }

    @Test
    void badConversations_sayWhatIsWrong() throws IOException {
        List<String> rows =
                List.of(
                        conversation("user", "a", "assistant", "b"),
                        conversation("user", "a", "assistant", " "),
                        conversation("user", "a", "user", "b"),
                        conversation("user", "a", "narrator", "b"),
                        "{\"messages\":[]}",
                        "{\"messages\":\"hello\"}",
                        "{\"messages\":[{\"content\":\"a\"}]}",
                        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}",
                        "{\"messages\":[{\"role\":\"user\"}]}",
                        conversation("user", "", "assistant", "b"));

        DataReport report = open(text("a.jsonl", String.join("\n", rows))).report();

        assertThat(report.samples()).isEqualTo(1);
        assertThat(report.rejections())
                .extracting(Rejection::reason)
                .containsExactly(
                        "an assistant turn is empty",
                        "no assistant turn to learn from",
                        "unknown role 'narrator'",
                        "a conversation without messages",
                        "'messages' is not a list of messages",
                        "a message has no role",
                        "a message holds an image or something else that is not text",
                        "a message has no content",
                        "the user's turns are empty");
    }

    @Test
    void badPreferences_sayWhatIsWrong() throws IOException {
        List<String> rows =
                List.of(
                        "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}",
                        "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"a\"}",
                        "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"\"}",
                        "{\"prompt\":\"p\",\"chosen\":\"a\"}",
                        "{\"chosen\":\"a\",\"rejected\":\"b\"}",
                        "{\"prompt\":\"p\",\"chosen\":3,\"rejected\":\"b\"}");

        assertThat(open(text("a.jsonl", String.join("\n", rows))).report().rejections())
                .extracting(Rejection::reason)
                .containsExactly(
                        "chosen and rejected are the same",
                        "'rejected' is empty",
                        "no column 'rejected'",
                        "there is no prompt",
                        "'chosen' is neither text nor messages");
    }

    @Test
    void csvRowsOfOtherWidth_areRejected() throws IOException {
        DataSet data = open(text("a.csv", "question,answer\na,b\na,b,c\n\na,b\n"));

        assertThat(data.report().rejectedByReason())
                .containsOnlyKeys("3 fields where the header has 2", "an empty line");
        assertThat(data.report().samples()).isEqualTo(2);
    }

    @Test
    void manyRejectedRows_areAllCountedAndTheFirstListed() throws IOException {
        DataReport report = open(text("a.jsonl", GOOD + "{\"text\":\"\"}\n".repeat(3000))).report();

        assertThat(report.rejected()).isEqualTo(3000);
        assertThat(report.rejectedByReason()).containsEntry("'text' is empty", 3000L);
        assertThat(report.rejections()).hasSize(DataReport.MAX_LISTED);
    }

    private static String conversation(String role1, String text1, String role2, String text2) {
        return "{\"messages\":[{\"role\":\"%s\",\"content\":\"%s\"},{\"role\":\"%s\",\"content\":\"%s\"}]}"
                .formatted(role1, text1, role2, text2);
    }

    private void refused(Path file, String what, String where) {
        assertThatThrownBy(() -> open(file).report()).satisfies(isInvalid(what, where));
    }

    private static ThrowingConsumer<Throwable> isInvalid(String what, String where) {
        return e -> {
            assertThat(e).isInstanceOf(TailorException.class);
            TailorException failure = (TailorException) e;
            assertThat(failure.code()).isEqualTo(ErrorCode.DATA_INVALID);
            assertThat(failure.getMessage()).contains(what);
            assertThat(failure.where().orElseThrow()).contains(where);
            assertThat(failure.remedy()).isPresent();
        };
    }

    private static DataSet open(Path file) {
        return DataSet.open(DataSource.of(file));
    }

    private Path text(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path bytes(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private Path joined(String name, byte[] first, byte[] second) throws IOException {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return bytes(name, both);
    }
}
