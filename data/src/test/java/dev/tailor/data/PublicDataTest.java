package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

/// Well-known public data sets, read from beside the project where they are there.
class PublicDataTest {
    private static final Path DATA =
            Path.of(System.getProperty("tailor.shared", "missing"), "data");

    @BeforeEach
    void present() {
        Assumptions.assumeTrue(Files.isDirectory(DATA), "the public data sets are not here");
    }

    @ParameterizedTest
    @CsvSource({
        "corpus/c4_demo.jsonl, TEXT, 300, 0",
        "corpus/wiki_demo.txt, TEXT, 1, 0",
        "corpus/tinyshakespeare.txt, TEXT, 1, 0",
        "instruct/alpaca_en_demo.json, ALPACA, 999, 14",
        "instruct/identity.json, ALPACA, 91, 0",
        "instruct/glaive_toolcall_en_demo.json, SHAREGPT, 300, 35",
        "instruct/gsm8k_train.jsonl, QUESTION_ANSWER, 7473, 0",
        "eval/gsm8k_test.jsonl, QUESTION_ANSWER, 1319, 0",
        "eval/lambada_openai.jsonl, PROMPT_COMPLETION, 5153, 2",
        "preference/dpo_en_demo.json, PREFERENCE, 300, 5",
        "preference/kto_en_demo.json, UNPAIRED, 300, 0"
    })
    void report_everyRow_isASample(Path file, Format format, long samples, long duplicates) {
        DataReport report = DataSet.open(DataSource.of(DATA.resolve(file))).report();

        assertThat(report.format()).isEqualTo(format);
        assertThat(report.samples()).isEqualTo(samples);
        assertThat(report.rejected()).isZero();
        assertThat(report.duplicates()).isEqualTo(duplicates);
        assertThat(report.unusedColumns()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"arc_easy", "arc_challenge", "piqa", "openbook_qa", "ifeval"})
    void open_evaluationSets_areNotTakenForTrainingData(String name) {
        DataSource source = DataSource.of(DATA.resolve("eval/" + name + ".jsonl"));

        assertThatThrownBy(() -> DataSet.open(source)).hasMessageContaining("cannot tell");
    }

    @Test
    void check_identity_findsItsPlaceholders() {
        DataCheck check = DataCheck.of(DataSource.of(DATA.resolve("instruct/identity.json")));

        assertThat(check.issues())
                .anySatisfy(issue -> assertThat(issue.message()).contains("{{name}}"));
    }

    @Test
    void overlap_ofGsm8kTestWithTrain_isSmall() {
        DataSet test = DataSet.open(DataSource.of(DATA.resolve("eval/gsm8k_test.jsonl")));
        DataSet train = DataSet.open(DataSource.of(DATA.resolve("instruct/gsm8k_train.jsonl")));

        Overlap overlap = Overlap.of(test, train, Overlap.USUAL_GRAM_LENGTH, 0.5);

        assertThat(overlap.rows()).isEqualTo(1319);
        assertThat(overlap.leaks().size()).isLessThan(40);
    }
}
