package dev.tailor.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.data.DataCheck.Issue;
import dev.tailor.data.DataCheck.Severity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class DataCheckTest {
    @TempDir Path directory;

    @Test
    void of_unreadableFile_isOneError() throws IOException {
        DataCheck check = check("a.jsonl", "<html></html>");

        assertThat(check.hasErrors()).isTrue();
        assertThat(check.report()).isEmpty();
        assertThat(check.issues().getFirst().where()).contains("a.jsonl:1");
    }

    @Test
    void of_everythingRejected_isAnErrorWithReasons() throws IOException {
        DataCheck check = check("a.jsonl", "{\"text\":\"\"}\n{\"text\":\" \"}\n");

        assertThat(check.hasErrors()).isTrue();
        assertThat(messages(check))
                .containsExactly(
                        "not one of 2 rows can be used", "2 rows left out: 'text' is empty");
    }

    @Test
    void of_suspiciousRows_namesEachWithItsFirstPlace() throws IOException {
        DataCheck check =
                check(
                        "a.jsonl",
                        """
                        {"question":"hi","answer":"I am {{name}}."}
                        {"question":"hi","answer":"I am {{ author }}."}
                        {"question":"who?","answer":"x<|im_end|>"}
                        {"question":"lost?","answer":"\uFFFD"}
                        {"question":"wrong?","answer":"itâ€™s"}
                        {"question":"same","answer":"same"}
                        {"question":"same","answer":"same"}
                        """);

        assertThat(check.hasErrors()).isFalse();
        assertThat(messages(check))
                .contains(
                        "1 row with a placeholder that nobody filled in: {{name}}",
                        "1 row with a placeholder that nobody filled in: {{ author }}",
                        "1 row with a chat template's control token as text: <|im_end|>",
                        "1 row equal to an earlier one",
                        "1 row with a question that is asked before and answered otherwise",
                        "only 7 samples: hardly anything can be learnt");
        assertThat(check.issues())
                .filteredOn(issue -> issue.message().contains("U+FFFD"))
                .singleElement()
                .extracting(Issue::where)
                .asString()
                .endsWith("a.jsonl:4");
        assertThat(check.issues())
                .filteredOn(issue -> issue.message().contains("decoded wrongly"))
                .hasSize(1);
        assertThat(check.issues())
                .isSortedAccordingTo((a, b) -> a.severity().compareTo(b.severity()));
    }

    @Test
    void of_lopsidedPreferences_warns() throws IOException {
        String row =
                "{\"prompt\":\"%d\",\"chosen\":\"a rather long answer\",\"rejected\":\"no\"}\n";
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            rows.append(row.formatted(i));
        }

        assertThat(messages(check("a.jsonl", rows.toString())))
                .containsExactly("chosen answers are 10.0 times as long as rejected ones");
    }

    @Test
    void of_oneLabelOnly_warns() throws IOException {
        String row = "{\"prompt\":\"%d\",\"completion\":\"b\",\"label\":true}\n";
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            rows.append(row.formatted(i));
        }

        assertThat(check("a.jsonl", rows.toString()).issues())
                .extracting(Issue::severity)
                .containsExactly(Severity.WARNING);
    }

    private static List<String> messages(DataCheck check) {
        return check.issues().stream().map(Issue::message).toList();
    }

    private DataCheck check(String name, String text) throws IOException {
        return DataCheck.of(DataSource.of(Files.writeString(directory.resolve(name), text)));
    }
}
