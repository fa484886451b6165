package dev.tailor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class ErrorReportTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ErrorReport report =
            new ErrorReport(
                    new Session(
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8)));

    @Test
    void report_expectedFailure_saysWhatWhereAndWhatToDo() {
        int exitCode =
                report.report(
                        TailorException.of(ErrorCode.GATE_FAILED, "the gate failed")
                                .at("recipe.yaml:3:1")
                                .remedy("train longer"));
        assertThat(exitCode).isEqualTo(4);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("error: recipe.yaml:3:1: the gate failed\n  train longer\n");
        assertThat(out.size()).isZero();
    }

    @Test
    void report_missingFile_isBadData() {
        assertThat(report.report(new UncheckedIOException(new NoSuchFileException("a.txt"))))
                .isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("a.txt: no such file");
    }

    @Test
    void report_outOfMemory_isAMatterOfResources() {
        assertThat(report.report(new OutOfMemoryError("heap"))).isEqualTo(5);
    }

    @Test
    void report_unexpectedFailure_keepsDetailsInAFile() throws Exception {
        assertThat(report.report(new IllegalStateException("oops"))).isEqualTo(1);
        String text = err.toString(StandardCharsets.UTF_8);
        assertThat(text).contains("this is a bug").contains("oops").doesNotContain("\tat ");
        Matcher file = Pattern.compile("details are in (\\S+);").matcher(text);
        assertThat(file.find()).isTrue();
        Path details = Path.of(file.group(1));
        assertThat(Files.readString(details)).contains("report_unexpectedFailure");
        Files.delete(details);
    }
}
