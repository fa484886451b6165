package dev.tailor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Event;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

class ProgressLineTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);

    @Test
    void step_onTerminal_redrawsOneLineWithinItsWidth() {
        ProgressLine line = new ProgressLine(err, true, 40);
        line.on(new Event.StageStarted("domain", "continued pre-training", 400));
        line.on(step(1));
        line.on(step(400));
        assertThat(text()).doesNotContain("\n").contains("domain  400/400  loss 2.314");
        assertThat(text().split("\r\033\\[K")).allMatch(shown -> shown.length() < 40);
    }

    @Test
    void end_afterRedrawing_leavesAnEmptyLine() {
        ProgressLine line = new ProgressLine(err, true, 80);
        line.on(step(1));
        line.end();
        assertThat(text()).endsWith("\r\033[K");
    }

    @Test
    void step_elsewhere_isWrittenNowAndThenOnly() {
        ProgressLine line = new ProgressLine(err, false, 1000);
        line.on(new Event.StageStarted("domain", "continued pre-training", 400));
        for (int i = 1; i <= 400; i++) {
            line.on(step(i));
        }
        line.on(new Event.StageFinished("domain", 61, false));
        assertThat(text().lines()).hasSize(3).first().isEqualTo("domain  continued pre-training");
        assertThat(text()).contains("domain  400/400  loss 2.314  3.2k tok/s");
        assertThat(text()).endsWith("domain  done in 1m01s\n").doesNotContain("\033");
    }

    @Test
    void note_warning_isMarked() {
        ProgressLine line = new ProgressLine(err, false, 80);
        line.on(new Event.Note("domain", "3 rows dropped", true));
        assertThat(text()).isEqualTo("warning: domain  3 rows dropped\n");
    }

    private static Event.Step step(long step) {
        return new Event.Step(
                "domain", step, 400, Map.of("loss", 2.3141, "tokens_per_second", 3210.0));
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
