package dev.tailor.workflow.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.workflow.store.RunDirectory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

class ReportTest {
    private static final String HOSTILE =
            "<script>alert(1)</script>\"><img src=x onerror='alert(2)'>&lt;\u0000\ud800";

    @TempDir Path directory;

    @Test
    void render_hostileData_staysText() {
        String report = render(HOSTILE);

        assertThat(report)
                .doesNotContain("<script")
                .doesNotContain("<img")
                .doesNotContain("\u0000")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img");
    }

    @Test
    void render_anyRun_loadsNothing() {
        String report = render("of the line");

        assertThat(Pattern.compile("(?i)(src|href)\\s*=\\s*[\"'](?!#)").matcher(report).find())
                .as("a link that leads out of the file")
                .isFalse();
        assertThat(report)
                .doesNotContain("@import")
                .doesNotContain("url(")
                .doesNotContain("http:")
                .doesNotContain("https:");
    }

    @Test
    void render_steps_sayGainsAndNoise() {
        String report = render("of the line");

        assertThat(report)
                .containsPattern(
                        "Exact match on holdout rose from 1\\.9 % to 44\\.5 % \\(\\+42\\.6 ± 4\\.2"
                                + " points\\)")
                .contains("within noise");
    }

    @Test
    void render_differences_countItemsAndCorrectForTheirNumber() {
        String report = render("of the line");

        assertThat(report)
                .contains("Differences to base", "· 20 comparisons", "69 / 0 / 86")
                .containsPattern(
                        "holdout\\.exact_match</td><td class=\"best\">\\+0\\.445 \\*</td>");
    }

    @Test
    void render_curves_haveTicksAndHoverTitles() {
        String report = render("of the line");

        assertThat(report)
                .contains("<title>step 40\ntraining: ")
                .contains("held out: ")
                .contains("aria-label=\"Loss\"")
                .contains("aria-label=\"Gradient norm\"");
    }

    @Test
    void write_report_standsInTheRun() {
        RunDirectory run = new RunDirectory(directory);
        new SampleRun(run, "of the line").write();

        Path file = Report.write(run);

        assertThat(file).isEqualTo(directory.resolve("report.html"));
        assertThat(Files.exists(file)).isTrue();
    }

    private String render(String text) {
        RunDirectory run = new RunDirectory(directory);
        new SampleRun(run, text).write();
        return Report.render(run);
    }
}
