package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class DataSetTest {
    private static final Seed SEED = new Seed(42);

    @TempDir Path directory;

    @Test
    void samples_readTwice_areTheSame() throws IOException {
        DataSet data = numbered("a.jsonl", 0, 100);

        assertThat(data.toList()).isEqualTo(data.toList()).hasSize(100);
        try (Stream<Sample> stream = data.samples()) {
            assertThat(stream.toList()).isEqualTo(data.toList());
        }
    }

    @Test
    void report_hasSizesAndDuplicates() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("a.jsonl"),
                        "{\"text\":\"four\"}\n{\"text\":\"four\"}\n{\"text\":\"eleven chars\"}\n");
        DataReport report = DataSet.open(DataSource.of(file)).report();

        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.statistics()).isEqualTo(new SampleStatistics(3, 20, 4, 4, 12, 12, 0, 0));
        assertThat(report.bytes()).isEqualTo(Files.size(file));
    }

    @Test
    void split_isExactDisjointAndKeepsEqualSamplesTogether() throws IOException {
        DataSet twice =
                DataSet.open(DataSource.of(lines("a.jsonl", 0, 200), lines("b.jsonl", 0, 200)));

        DataSet.Split split = twice.split(0.1, SEED);

        Set<String> train = new HashSet<>(texts(split.train()));
        Set<String> holdout = new HashSet<>(texts(split.holdout()));
        assertThat(holdout).hasSize(20).doesNotContainAnyElementsOf(train);
        assertThat(train).hasSize(180);
        assertThat(split.holdout().toList()).hasSize(40);
        assertThat(split.holdout().report().samples()).isEqualTo(40);
        assertThat(texts(twice.split(0.1, SEED).holdout())).isEqualTo(texts(split.holdout()));
        assertThat(texts(twice.split(0.1, new Seed(7)).holdout()))
                .isNotEqualTo(texts(split.holdout()));
        assertThat(split.train().digest()).isNotEqualTo(split.holdout().digest());
    }

    @Test
    void split_shareOutsideBounds_isAnError() throws IOException {
        DataSet data = numbered("a.jsonl", 0, 10);

        assertThatThrownBy(() -> data.split(1.0, SEED)).isInstanceOf(TailorException.class);
        assertThatThrownBy(() -> data.split(Double.NaN, SEED)).isInstanceOf(TailorException.class);
    }

    @Test
    void mix_takesWeightsAndSpreadsTheParts() throws IOException {
        DataSet a = numbered("a.jsonl", 0, 100);
        DataSet b = numbered("b.jsonl", 1000, 1040);

        DataSet mixed =
                DataSet.mix(
                        List.of(new DataSet.Weighted(a, 0.5), new DataSet.Weighted(b, 2.5)), SEED);

        List<String> texts = texts(mixed);
        List<Integer> numbers = texts.stream().map(DataSetTest::number).toList();
        assertThat(numbers).hasSize(150);
        assertThat(numbers.stream().filter(n -> n < 1000)).hasSize(50).doesNotHaveDuplicates();
        assertThat(
                        numbers.stream()
                                .filter(n -> n >= 1000)
                                .collect(
                                        Collectors.groupingBy(
                                                Function.identity(), Collectors.counting()))
                                .values())
                .hasSize(40)
                .allSatisfy(count -> assertThat(count).isBetween(2L, 3L));
        assertThat(numbers.subList(0, 30).stream().filter(n -> n < 1000)).hasSize(10);
        assertThat(mixed.report().samples()).isEqualTo(150);
        assertThat(texts(mixed)).isEqualTo(texts);
    }

    @Test
    void mix_ofTextAndConversations_holdsBoth() throws IOException {
        Path chat =
                Files.writeString(
                        directory.resolve("q.jsonl"), "{\"question\":\"a\",\"answer\":\"b\"}\n");

        DataSet mixed =
                DataSet.mix(
                        List.of(
                                new DataSet.Weighted(numbered("a.jsonl", 0, 3), 1),
                                new DataSet.Weighted(DataSet.open(DataSource.of(chat)), 2)),
                        SEED);

        assertThat(mixed.toList().stream().filter(Sample.Chat.class::isInstance)).hasSize(2);
        assertThat(mixed.toList().stream().filter(Sample.Text.class::isInstance)).hasSize(3);
    }

    @Test
    void mix_ofDifferentKinds_isAnError() throws IOException {
        DataSet text = numbered("a.jsonl", 0, 3);
        Path pairs =
                Files.writeString(
                        directory.resolve("c.jsonl"),
                        "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n");
        DataSet other = DataSet.open(DataSource.of(pairs));

        assertThatThrownBy(() ->
                        DataSet.mix(
                                List.of(
                                        new DataSet.Weighted(text, 1),
                                        new DataSet.Weighted(other, 1)),
                                SEED))
                .hasMessageContaining("cannot mix");
    }

    @Test
    void withoutDuplicatesAndLimit_shorten() throws IOException {
        DataSet twice =
                DataSet.open(DataSource.of(lines("a.jsonl", 0, 20), lines("b.jsonl", 0, 20)));

        assertThat(twice.withoutDuplicates().toList()).hasSize(20);
        assertThat(twice.withoutDuplicates().report().duplicates()).isZero();
        assertThat(twice.limit(7).toList()).hasSize(7);
    }

    @Test
    void digest_dependsOnContentAndReading_notOnNames() throws IOException {
        DataSource a = DataSource.of(lines("a.jsonl", 0, 5));
        DataSource copy = DataSource.of(lines("b.jsonl", 0, 5));
        DataSource other = DataSource.of(lines("c.jsonl", 0, 6));

        String digest = DataSet.open(a).digest();
        assertThat(DataSet.open(copy).digest()).isEqualTo(digest);
        assertThat(DataSet.open(other).digest()).isNotEqualTo(digest);
        assertThat(DataSet.open(a.withSplit(TextSplit.PARAGRAPH)).digest()).isNotEqualTo(digest);
    }

    @Test
    void write_everyKind_readsBackEqual() throws IOException {
        List<String> rows =
                List.of(
                        "{\"text\":\"t 🙂\"}",
                        "{\"instruction\":\"a\",\"output\":\"b\",\"system\":\"s\"}",
                        "{\"prompt\":\"a\",\"completion\":\"b\"}",
                        "{\"prompt\":[{\"role\":\"user\",\"content\":\"a\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"b\"}]}",
                        "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}",
                        "{\"prompt\":\"p\",\"completion\":\"a\",\"label\":true}");
        for (String row : rows) {
            Path file = Files.writeString(directory.resolve("in.jsonl"), row + "\n");
            DataSet data = DataSet.open(DataSource.of(file));
            Path out = directory.resolve("out.jsonl");

            assertThat(SampleWriter.write(data, out)).isEqualTo(1);

            DataSet back = DataSet.open(DataSource.of(out));
            assertThat(back.kind()).isEqualTo(data.kind());
            assertThat(ContentHash.of(back.toList().getFirst()))
                    .isEqualTo(ContentHash.of(data.toList().getFirst()));
            assertThat(SampleWriter.toJson(back.toList().getFirst()))
                    .isEqualTo(SampleWriter.toJson(data.toList().getFirst()));
        }
    }

    @Test
    void overlap_findsCopiesAndNearCopies() throws IOException {
        String sentence =
                "Every crew reads the switching order back word for word before any cabinet is"
                        + " opened by anyone";
        DataSet train =
                texts(
                        "train.jsonl",
                        "Something else entirely, " + sentence + ", and more.",
                        "Unrelated words about the weather in the northern hills this autumn.");
        DataSet holdout =
                texts(
                        "holdout.jsonl",
                        sentence.toUpperCase(java.util.Locale.ROOT) + "!",
                        "A question nobody has asked yet about the colour of the kettle, surely.",
                        "weather");

        Overlap overlap = Overlap.of(holdout, train, Overlap.USUAL_GRAM_LENGTH, 0.5);

        assertThat(overlap.rows()).isEqualTo(3);
        assertThat(overlap.leaks()).hasSize(1);
        assertThat(overlap.leaks().getFirst().share()).isEqualTo(1.0);
        assertThat(overlap.leaks().getFirst().sample().line()).isEqualTo(1);
        assertThat(overlap.leaks().getFirst().found().line()).isEqualTo(1);
    }

    private DataSet texts(String name, String... texts) throws IOException {
        String rows =
                Stream.of(texts)
                        .map(text -> "{\"text\":\"" + text + "\"}\n")
                        .collect(Collectors.joining());
        return DataSet.open(DataSource.of(Files.writeString(directory.resolve(name), rows)));
    }

    private DataSet numbered(String name, int from, int to) throws IOException {
        return DataSet.open(DataSource.of(lines(name, from, to)));
    }

    private Path lines(String name, int from, int to) throws IOException {
        String rows =
                IntStream.range(from, to)
                        .mapToObj(i -> "{\"text\":\"row " + i + "\"}\n")
                        .collect(Collectors.joining());
        return Files.writeString(directory.resolve(name), rows);
    }

    private static List<String> texts(DataSet data) {
        return data.toList().stream().map(sample -> ((Sample.Text) sample).text()).toList();
    }

    private static int number(String text) {
        return Integer.parseInt(text.substring(4));
    }
}
