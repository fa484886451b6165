package dev.tailor.workflow.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.train.LossMask;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.SampleMasks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    void render_masks_showTokensIdsAndWeights() {
        String report = render("of the line");

        assertThat(report)
                .contains("<h2>What is learnt</h2>")
                .contains(
                        "<span class=\"tok learnt\" style=\"--w:1\" title=\"token 903, weight 1\">"
                                + " at")
                .contains("title=\"token 902, weight 0.25\"> think</span><sub>×0.25</sub>")
                .contains("title=\"token 901, weight 0.25\">I</span><span")
                .contains(", only read\">↵\n</span>")
                .contains("left out: nothing in it is to be learnt")
                .contains("chosen: ", "rejected: ");
    }

    @Test
    void longSequence_keepsItsBeginningAndEnd() {
        List<LossMask.Token> tokens = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            tokens.add(new LossMask.Token(i, "w" + i, i % 2));
        }

        SampleMasks.Sequence kept =
                SampleMasks.of(List.of(new LossMask("a", List.of(tokens), false, Optional.empty())))
                        .samples()
                        .getFirst()
                        .sequences()
                        .getFirst();

        assertThat(kept.length()).isEqualTo(5000);
        assertThat(kept.learnt()).isEqualTo(2500);
        assertThat(kept.beginning()).hasSize(300);
        assertThat(kept.end().getLast().id()).isEqualTo(4999);
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
