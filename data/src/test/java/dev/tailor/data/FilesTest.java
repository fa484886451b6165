package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// Each kind of file is read.
class FilesTest {
    private static final Path PARQUET = Path.of("src/test/resources/parquet");

    @TempDir Path directory;

    @Test
    void json_array_hasRowsAndLines() throws IOException {
        Path file = write("a.json", "[\n {\"text\":\"one\"},\n\n {\"text\":\"two\"}\n]\n");

        List<Sample> samples = open(file).toList();
        assertThat(samples)
                .extracting(Sample::origin)
                .containsExactly(new Origin(file, 1, 2), new Origin(file, 2, 4));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"version\":1,\"data\":[{\"text\":\"one\"},{\"text\":\"two\"}],\"note\":{\"a\":[1]}}",
                "{\"train\":[{\"text\":\"one\"},{\"text\":\"two\"}],\"test\":[{\"text\":\"x\"}]}",
                "{\"text\":\"one\"}\n{\"text\":\"two\"}\n",
                "\uFEFF[{\"text\":\"one\"},{\"text\":\"two\"}]"
            })
    void json_otherShapes_areRead(String json) throws IOException {
        assertThat(texts(open(write("a.json", json)))).containsExactly("one", "two");
    }

    @Test
    void jsonl_thatIsAnArray_isReadForWhatItIs() throws IOException {
        assertThat(texts(open(write("a.jsonl", "[{\"text\":\"one\"},\n{\"text\":\"two\"}]"))))
                .containsExactly("one", "two");
    }

    @Test
    void jsonl_windowsLineEndsAndNoLastOne_areRead() throws IOException {
        assertThat(texts(open(write("a.jsonl", "{\"text\":\"one\"}\r\n{\"text\":\"two\"}"))))
                .containsExactly("one", "two");
    }

    @Test
    void csv_quotedFieldsOverLines_followRfc4180() throws IOException {
        Path file =
                write(
                        "a.csv",
                        "question,answer\r\n"
                                + "\"Say \"\"hi\"\", twice\",\"line 1\n"
                                + "line 2\"\r\n"
                                + "a,b\r\n");

        DataSet data = open(file);
        List<Sample> samples = data.toList();
        Sample.Chat first = (Sample.Chat) samples.getFirst();
        assertThat(first.messages().get(0).content()).isEqualTo("Say \"hi\", twice");
        assertThat(first.messages().get(1).content()).isEqualTo("line 1\nline 2");
        assertThat(samples.get(1).origin()).isEqualTo(new Origin(file, 2, 4));
    }

    @Test
    void csv_semicolonsAndTsv_areRecognised() throws IOException {
        assertThat(open(write("a.csv", "question;answer\nWhy, then?;B\n")).toList()).hasSize(1);
        assertThat(open(write("a.tsv", "question\tanswer\nWhy, then?\tB\n")).toList()).hasSize(1);
    }

    @Test
    void csv_messagesAsJson_areUnwrapped() throws IOException {
        Path file =
                write(
                        "a.csv",
                        "messages\n"
                            + "\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"a\"\"},{\"\"role\"\":\"\"assistant\"\",\"\"content\"\":\"\"b\"\"}]\"\n");

        assertThat(open(file).format()).isEqualTo(Format.MESSAGES);
        assertThat(open(file).toList()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages-snappy.parquet", "messages-zstd.parquet"})
    void parquet_nestedMessages_areRead(String name) {
        DataSet data = open(PARQUET.resolve(name));

        assertThat(data.format()).isEqualTo(Format.MESSAGES);
        List<Sample> samples = data.toList();
        assertThat(samples).hasSize(20);
        Sample.Chat last = (Sample.Chat) samples.getLast();
        assertThat(last.origin().row()).isEqualTo(20);
        assertThat(last.messages().get(1).content()).isEqualTo("Feeder 19 is the northern one. 🙂");
    }

    @Test
    void parquet_nullText_isARejectedRow() {
        DataSet data = open(PARQUET.resolve("text-gzip.parquet"));

        assertThat(texts(data)).containsExactly("one", "two", "four");
        assertThat(data.report().rejections().getFirst().origin().toString()).endsWith(", row 3");
    }

    @Test
    void gzip_ofJsonLines_isUnpacked() throws IOException {
        Path file = directory.resolve("a.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("{\"text\":\"one\"}\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(texts(open(file))).containsExactly("one");
    }

    @Test
    void text_splits_asAsked() throws IOException {
        Path file = write("a.md", "# One\n\nfirst\n\n```\n\n# no heading\n```\n\n## Two\nsecond\n");
        DataSource source = DataSource.of(file);

        assertThat(DataSet.open(source).toList()).hasSize(1);
        assertThat(texts(DataSet.open(source.withSplit(TextSplit.HEADING))))
                .containsExactly("# One\n\nfirst\n\n```\n\n# no heading\n```", "## Two\nsecond");
        List<Sample> paragraphs = DataSet.open(source.withSplit(TextSplit.PARAGRAPH)).toList();
        assertThat(paragraphs)
                .extracting(sample -> ((Sample.Text) sample).text())
                .containsExactly("# One", "first", "```\n\n# no heading\n```", "## Two\nsecond");
        assertThat(paragraphs)
                .extracting(sample -> sample.origin().line())
                .containsExactly(1L, 3L, 5L, 10L);
    }

    @Test
    void text_aDocumentALine_isASampleEach() throws IOException {
        Path file = write("a.txt", "one\n\ntwo\n three \n");

        DataSet data = DataSet.open(DataSource.of(file).withSplit(TextSplit.LINE));

        assertThat(texts(data)).containsExactly("one", "two", "three");
        assertThat(data.toList())
                .extracting(sample -> sample.origin().line())
                .containsExactly(1L, 3L, 4L);
    }

    @Test
    void html_becomesReadableText() throws IOException {
        Path file =
                write(
                        "a.html",
                        """
                        <html><head><title>T</title><script>evil()</script></head><body><nav>menu</nav>
                        <h1>Rules</h1><p>Lock &amp; <b>earth</b> it.</p><ul><li>one</li><li>two</li></ul>
                        <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>
                        """);

        assertThat(texts(open(file)))
                .containsExactly("# Rules\n\nLock & earth it.\n\n- one\n- two\n\na | b\n1 | 2");
    }

    @Test
    void pdf_becomesText_andWithoutTextIsRejected() throws IOException {
        Path file = directory.resolve("a.pdf");
        pdf(file, List.of("The crew isolates the trans-", "former and locks the", "cabinet."));
        pdf(directory.resolve("b.pdf"), List.of());

        DataSet data = DataSet.open(DataSource.of(directory, List.of("*.pdf")));

        assertThat(texts(data))
                .containsExactly("The crew isolates the transformer and locks the cabinet.");
        assertThat(data.report().rejections()).hasSize(1);
    }

    @Test
    void glob_overDirectories_findsAllDepthsSorted() throws IOException {
        Files.createDirectories(directory.resolve("docs/deep/.git"));
        write("docs/b.md", "b");
        write("docs/a.txt", "a");
        write("docs/deep/c.md", "c");
        write("docs/deep/.git/d.md", "hidden");
        write("docs/logo.png", "no data");

        assertThat(texts(glob("docs/**/*.{md,txt}"))).containsExactly("a", "b", "c");
        assertThat(texts(glob("docs/*.md"))).containsExactly("b");
        assertThat(texts(glob("docs/?.[a-n]d"))).containsExactly("b");
        DataSet all = glob("docs");
        assertThat(texts(all)).containsExactly("a", "b", "c");
        assertThat(all.report().skippedFiles()).containsExactly(directory.resolve("docs/logo.png"));
        assertThat(all.reason()).contains("md, txt");
    }

    @Test
    void missingFile_suggestsItsNeighbour() throws IOException {
        write("questions.jsonl", "{}");

        assertThatThrownBy(() -> DataSet.open(DataSource.of(directory.resolve("question.jsonl"))))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
                            assertThat(e.remedy().orElseThrow()).contains("questions.jsonl");
                        });
        assertThatThrownBy(() -> glob("docs/**/*.md"))
                .extracting(e -> ((TailorException) e).code())
                .isEqualTo(ErrorCode.FILE_NOT_FOUND);
    }

    private static void pdf(Path file, List<String> lines) throws IOException {
        try (PDDocument document = new PDDocument()) {
            PDPage page = new PDPage();
            document.addPage(page);
            try (PDPageContentStream out = new PDPageContentStream(document, page)) {
                out.beginText();
                out.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
                out.newLineAtOffset(72, 700);
                for (String line : lines) {
                    out.showText(line);
                    out.newLineAtOffset(0, -14);
                }
                out.endText();
            }
            document.save(file.toFile());
        }
    }

    private DataSet glob(String pattern) {
        return DataSet.open(DataSource.of(directory, List.of(pattern)));
    }

    private static DataSet open(Path file) {
        return DataSet.open(DataSource.of(file));
    }

    private static List<String> texts(DataSet data) {
        return data.toList().stream().map(sample -> ((Sample.Text) sample).text()).toList();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
