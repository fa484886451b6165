package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tailor.core.TailorException;
import dev.tailor.eval.ifeval.Instruction;
import dev.tailor.eval.ifeval.VerifiablePrompt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class ResponseFileTest {
    private final List<VerifiablePrompt> prompts =
            List.of(
                    new VerifiablePrompt("1", "No commas.", List.of(noComma())),
                    new VerifiablePrompt("2", "Two things.", List.of(noComma(), title())),
                    new VerifiablePrompt("3", "Again.", List.of(noComma())));

    @TempDir private Path directory;

    @Test
    void read_keysAndPrompts_areMatchedAndTheRestCounted() throws IOException {
        Path file =
                file(
                        """
                        {"prompt": "Two things.", "response": "<<T>> a, b"}
                        {"key": 1, "response": "fine"}
                        {"key": "1", "response": "later, ignored"}

                        {"key": 99, "response": "?"}
                        """);
        ResponseFile responses = ResponseFile.read(file, prompts);
        assertThat(responses.answered())
                .extracting(answered -> answered.prompt().key(), answered -> answered.answer())
                .containsExactly(tuple("1", "fine"), tuple("2", "<<T>> a, b"));
        assertThat(responses.missing()).isEqualTo(1);
        assertThat(responses.repeated()).extracting(place -> place.line()).containsExactly(3);
        assertThat(responses.strangers()).extracting(place -> place.line()).containsExactly(5);
    }

    @Test
    void read_rowWithoutResponseOrKey_isRefusedWithItsLine() throws IOException {
        assertRefused("{\"key\": 1}", "'response' must be text", ":1");
        assertRefused(
                "{\"response\": \"x\"}",
                "the row needs 'key' or 'prompt' to say what it answers",
                ":1");
        assertRefused(
                "{\"key\": 7, \"response\": \"x\"}",
                "none of the responses belongs to the task",
                "");
    }

    @Test
    void grade_promptsAndInstructions_areCountedApart() {
        TaskResult result =
                InstructionFollowing.grade(
                        "ifeval",
                        List.of(
                                new InstructionFollowing.Answered(prompts.get(0), "fine"),
                                new InstructionFollowing.Answered(prompts.get(1), "a <<T>>, b"),
                                new InstructionFollowing.Answered(prompts.get(2), "oh, no\nok")));
        assertThat(value(result, "prompt_level_strict_acc")).isEqualTo(1.0 / 3);
        assertThat(value(result, "inst_level_strict_acc")).isEqualTo(2.0 / 4);
        assertThat(value(result, "prompt_level_loose_acc")).isEqualTo(2.0 / 3);
        assertThat(value(result, "inst_level_loose_acc")).isEqualTo(3.0 / 4);
        assertThat(result.samples().get(1).values())
                .containsEntry("strict:punctuation:no_comma", 0.0)
                .containsEntry("strict:detectable_format:title", 1.0)
                .containsEntry("inst_level_strict_acc", 0.5);
    }

    private static double value(TaskResult result, String metric) {
        return result.metric(metric).orElseThrow().value();
    }

    private void assertRefused(String row, String message, String line) throws IOException {
        Path file = file(row + "\n");
        assertThatThrownBy(() -> ResponseFile.read(file, prompts))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.getMessage()).isEqualTo(message);
                            assertThat(e.where()).contains(file + line);
                        });
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("responses.jsonl"), text);
    }

    private static Instruction noComma() {
        return Instruction.of("punctuation:no_comma", Map.of());
    }

    private static Instruction title() {
        return Instruction.of("detectable_format:title", Map.of());
    }
}
