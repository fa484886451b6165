package dev.tailor.eval.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TaskLibraryTest {
    @TempDir Path directory;

    private void file(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private TaskLibrary library() {
        return TaskLibrary.of(List.of(directory));
    }

    private static final String CHOICE =
            "dataset_path: d\noutput_type: multiple_choice\ntest_split: test\n"
                    + "doc_to_text: q\ndoc_to_choice: c\ndoc_to_target: t\n";

    @Test
    void include_isOverriddenByTheFileItself() throws Exception {
        file("base_yaml", CHOICE + "num_fewshot: 5\ntarget_delimiter: \"\"\n");
        file("a/one.yaml", "task: one\ninclude: ../base_yaml\nnum_fewshot: 2\n");
        TaskConfig task = library().select("one").tasks().getFirst();
        assertThat(task.shots().count()).isEqualTo(2);
        assertThat(task.form().targetDelimiter()).isEmpty();
        assertThat(task.grading().metrics())
                .extracting(MetricSpec::name)
                .containsExactly("acc", "acc_norm");
    }

    @Test
    void groupsAndTags_standForTheirTasks() throws Exception {
        file("one.yaml", "task: one\ntag: [x]\n" + CHOICE);
        file("two.yaml", "tag:\n  - both\n  - y\ntask: two\n" + CHOICE);
        file("three.yaml", "tag: both\ntask: three\n" + CHOICE);
        file(
                "group.yaml",
                "group: all\ntask:\n  - one\n  - both\n"
                        + "  - {group: inner, task: [{task: two, num_fewshot: 3}]}\n"
                        + "aggregate_metric_list:\n  - {metric: acc, weight_by_size: false}\n");
        TaskSelection all = library().select("all");
        assertThat(all.tasks()).extracting(TaskConfig::name).containsExactly("one", "three", "two");
        assertThat(all.groups()).extracting(TaskGroup::name).containsExactly("inner", "all");
        assertThat(library().select("both").tasks())
                .extracting(TaskConfig::name)
                .containsExactly("three", "two");
    }

    @Test
    void functionWithTwin_isTaken() throws Exception {
        file(
                "hellaswag/hellaswag.yaml",
                "task: hellaswag\nprocess_docs: !function utils.process_docs\n"
                        + CHOICE.replace("q\n", "query\n"));
        assertThat(library().select("hellaswag").tasks().getFirst().source().processing())
                .isEqualTo("hellaswag/utils.process_docs");
    }

    @Test
    void errors_nameTaskKeyAndPlace() throws Exception {
        file("odd.yaml", "task: odd\n" + CHOICE + "metric_list:\n  - metric: rouge\n");
        assertThatThrownBy(() -> library().select("odd"))
                .isInstanceOf(TailorException.class)
                .hasMessageContaining("the task 'odd' needs the metric 'rouge'")
                .satisfies(e ->
                        assertThat(((TailorException) e).where().orElse(""))
                                .endsWith("odd.yaml:9:13"));
        file("loop.yaml", "task: loop\ninclude: loop.yaml\n");
        assertThatThrownBy(() -> library().select("loop"))
                .hasMessageContaining("include each other");
        assertThatThrownBy(() -> library().select("od"))
                .satisfies(
                        e -> assertThat(((TailorException) e).remedy().orElse("")).contains("odd"));
    }

    @Test
    void metrics_goWithTheirOutput() throws Exception {
        file("chosen.yaml", "task: chosen\n" + CHOICE + "metric_list:\n  - metric: bleu\n");
        assertThatThrownBy(() -> library().select("chosen"))
                .hasMessageContaining(
                        "the metric 'bleu' of the task 'chosen' does not go with"
                                + " 'multiple_choice'");
        String generated = CHOICE.replace("multiple_choice", "generate_until");
        file("written.yaml", "task: written\n" + generated + "metric_list:\n  - metric: f1\n");
        assertThatThrownBy(() -> library().select("written"))
                .hasMessageContaining("does not go with 'generate_until'");
        file("scored.yaml", "task: scored\n" + generated + "metric_list:\n  - metric: ter\n");
        MetricSpec ter =
                library().select("scored").tasks().getFirst().grading().metrics().getFirst();
        assertThat(ter.aggregation()).isEqualTo("ter");
        assertThat(ter.higherIsBetter()).isFalse();
    }

    @Test
    void pack_canBeRead() {
        TaskLibrary own = TaskLibrary.of(List.of());
        assertThat(own.select("gsm8k").tasks().getFirst().grading().filters())
                .extracting(FilterSpec::name)
                .containsExactly("strict", "last_number");
        for (String name : List.of("arc_easy", "arc_challenge", "piqa", "openbook_qa")) {
            assertThat(own.select(name).tasks().getFirst().output())
                    .isEqualTo(OutputType.MULTIPLE_CHOICE);
        }
    }
}
