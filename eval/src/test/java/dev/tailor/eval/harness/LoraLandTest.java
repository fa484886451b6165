package dev.tailor.eval.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;
import dev.tailor.eval.Task;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Tailor's pack of LoRA Land tasks, and the task files of LoRA Land itself.
class LoraLandTest {
    private static final Path RESOURCES = Path.of("src/test/resources/loraland");

    @TempDir Path directory;

    private final TaskLibrary library = TaskLibrary.of(List.of());

    private static List<JsonNode> rows() throws IOException {
        return Files.readAllLines(RESOURCES.resolve("rows.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    private static HarnessResult run(TaskConfig task, Path data, FixedAnswers model, int shots) {
        HarnessSettings plain = HarnessSettings.standard();
        HarnessSettings settings =
                new HarnessSettings(
                        plain.limit(),
                        plain.chat(),
                        false,
                        "",
                        plain.seed(),
                        plain.maxTokens(),
                        0,
                        Optional.of(
                                new CodeRunner(List.of("python3", "-"), Duration.ofSeconds(20))));
        return new Harness(
                        model,
                        new TaskData(Map.of(task.name(), data)),
                        settings,
                        RequestCache.none(),
                        Task.Watch.none())
                .run(task, OptionalInt.of(shots));
    }

    @Test
    void pack_hasTheTasksOfItsFiveCategories() {
        List<TaskConfig> tasks = library.select("loraland").tasks();
        Map<String, Integer> counts = new LinkedHashMap<>();
        tasks.forEach(task -> counts.merge(task.category().orElse("none"), 1, Integer::sum));
        assertThat(counts)
                .containsExactly(
                        Map.entry("Classic NLP", 7),
                        Map.entry("Coding", 2),
                        Map.entry("Knowledge", 8),
                        Map.entry("Reasoning", 13),
                        Map.entry("Math", 1));
        assertThat(library.select("loraland_math").tasks()).hasSize(1);
    }

    @TestFactory
    Stream<DynamicTest> packTask_gradesRightAnswersAsRightAndOthersAsWrong() throws IOException {
        return rows().stream()
                .filter(row -> !row.path("task").stringValue().equals("magicoder") || hasPython())
                .map(row ->
                        DynamicTest.dynamicTest(
                                row.path("task").stringValue(), () -> assertGraded(row)));
    }

    private void assertGraded(JsonNode expected) throws IOException {
        String name = expected.path("task").stringValue();
        TaskConfig task = library.select("loraland_" + name).tasks().getFirst();
        Path data =
                Files.writeString(directory.resolve(name + ".jsonl"), expected.path("row") + "\n");
        FixedAnswers right = new FixedAnswers(expected.path("target").stringValue());
        HarnessResult result = run(task, data, right, 0);
        assertThat(right.prompts.getFirst()).contains(expected.path("prompt").stringValue());
        assertThat(result.figures().getFirst().value()).isEqualTo(1);
        assertThat(run(task, data, new FixedAnswers("qqq"), 0).figures().getFirst().value())
                .isZero();
    }

    private static boolean hasPython() {
        return new CodeRunner(List.of("sh"), Duration.ofSeconds(20)).passes("python3 -c 0");
    }

    @Test
    void codeRunner_endsWhatFailsOrTakesTooLong() {
        CodeRunner shell = new CodeRunner(List.of("sh"), Duration.ofMillis(700));
        assertThat(shell.passes("exit 0")).isTrue();
        assertThat(shell.passes("exit 3")).isFalse();
        assertThat(shell.passes("sleep 30")).isFalse();
        assertThat(shell.passes("test -z \"$HOME\"")).isTrue();
        CodeRunner none = new CodeRunner(List.of("no-such-command"), Duration.ofSeconds(1));
        assertThatThrownBy(() -> none.passes("")).hasMessageContaining("cannot be started");
    }

    @Test
    void code_withoutLeave_isRefusedByName() throws IOException {
        TaskConfig task = library.select("loraland_magicoder").tasks().getFirst();
        Harness harness =
                new Harness(
                        new FixedAnswers(""),
                        new TaskData(Map.of()),
                        HarnessSettings.standard(),
                        RequestCache.none(),
                        Task.Watch.none());
        assertThatThrownBy(() -> harness.run(task, OptionalInt.of(0)))
                .hasMessageContaining("'loraland_magicoder' runs the programs")
                .satisfies(e ->
                        assertThat(((TailorException) e).remedy().orElse(""))
                                .contains("--run-code"));
    }

    @Test
    void metadataFile_isReadWithItsSplitsAndExamples() {
        Path file = RESOURCES.resolve("own/greeting/metadata.yaml");
        TaskConfig task = library.select(file.toString()).tasks().getFirst();
        assertThat(task.name()).isEqualTo("greeting");
        assertThat(task.category()).contains("Names");
        FixedAnswers model = new FixedAnswers(" Cleo");
        HarnessResult result = run(task, RESOURCES.resolve("own/greetings.csv"), model, 1);
        assertThat(result.original()).isEqualTo(2);
        assertThat(result.figures().getFirst().metric()).isEqualTo("rouge_l");
        assertThat(result.figures().getFirst().value()).isEqualTo(0.5);
        assertThat(model.prompts.getFirst())
                .matches(
                        "(?s)Answer as \\{\"person\": NAME} would read\\.\n\nNote: .*\n\nPerson: "
                                + "(Ann|Bob)\n\nAnswer as .*\n\nNote: .*\n\nPerson: ");
    }

    @Test
    void metadataFile_thatIsWrong_isRefusedWithItsPlace() throws IOException {
        String start = "metric_name: rouge\ntarget_col: b\nprompt_template: ";
        assertRefused(start + "\"Say {a\"\n", "'{' of the template is never closed", ":3:");
        assertRefused(start + "\"Say {a.b}\"\n", "'{a.b}' is not the name of a column", ":3:");
        assertRefused(
                "metric_name: bleurt\ntarget_col: b\nprompt_template: \"{a}\"\n",
                "needs the metric 'bleurt'",
                ":1:");
        assertRefused("metric_name: rouge\nprompt_template: \"{a}\"\n", "target_col", "");
        Path file = directory.resolve("t.yaml");
        Files.writeString(file, start + "\"Say {q}\"\n");
        TaskConfig task = library.select(file.toString()).tasks().getFirst();
        Path data = Files.writeString(directory.resolve("d.jsonl"), "{\"a\": 1, \"b\": 2}\n");
        assertThatThrownBy(() -> run(task, data, new FixedAnswers(""), 0))
                .satisfies(e ->
                        assertThat(((TailorException) e).render())
                                .contains("there is no column 'q'; there are"));
    }

    private void assertRefused(String text, String message, String place) throws IOException {
        Path file = Files.writeString(directory.resolve("t.yaml"), text);
        assertThatThrownBy(() -> library.select(file.toString()))
                .isInstanceOf(TailorException.class)
                .satisfies(
                        e -> assertThat(((TailorException) e).render()).contains(message, place));
    }

    @Test
    void publishedFiles_areReadOrRefusedByName() {
        Path published =
                Path.of(System.getProperty("tailor.shared", "absent"), "data/eval/loraland");
        Assumptions.assumeTrue(Files.isDirectory(published), "the published tasks are not here");
        Map<String, TaskConfig> read = new LinkedHashMap<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (Path file : TaskLibrary.loraLandFiles(published)) {
            try {
                TaskConfig task = library.select(file.toString()).tasks().getFirst();
                read.put(task.name(), task);
            } catch (TailorException e) {
                refused.put(LoraLandReader.name(file), e.render());
            }
        }
        assertThat(read).hasSize(31);
        assertThat(refused).containsOnlyKeys("ifeval");
        assertThat(refused.get("ifeval")).contains("--tasks ifeval");
        for (TaskConfig task : library.select("loraland").tasks()) {
            String name = task.name().substring("loraland_".length());
            assertThat(read).containsKey(name);
            assertThat(read.get(name).source().evaluated() == null).isFalse();
        }
    }
}
