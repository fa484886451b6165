package dev.tailor.eval.ifeval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class PromptFileTest {
    @TempDir private Path directory;

    @Test
    void published_has541PromptsWith834InstructionsOf25Kinds() {
        List<VerifiablePrompt> prompts = PromptFile.published();
        Set<String> ids = new HashSet<>();
        prompts.forEach(prompt -> prompt.instructions().forEach(i -> ids.add(i.id())));
        assertThat(prompts).hasSize(541);
        assertThat(prompts.stream().mapToInt(prompt -> prompt.instructions().size()).sum())
                .isEqualTo(834);
        assertThat(ids).containsExactlyInAnyOrderElementsOf(Instruction.ids());
    }

    @Test
    void read_argumentsThatAreNull_areAbsent() throws IOException {
        Path file =
                file(
                        """
                        {"key": 7, "prompt": "Two bullets.", "instruction_id_list":\
                         ["detectable_format:number_bullet_lists"],\
                         "kwargs": [{"num_bullets": 2.0, "keywords": null, "letter": null}]}
                        """);
        VerifiablePrompt prompt = PromptFile.read(file).getFirst();
        assertThat(prompt.key()).isEqualTo("7");
        assertThat(prompt.verify("* a\n* b")).containsExactly(new Verdict(true, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'prompt': 'x', 'kwargs': []} | 'instruction_id_list' must be a list",
                "{'prompt': 'x', 'instruction_id_list': ['punctuation:no_comma'], 'kwargs': []} |"
                        + " 'kwargs' must have one entry",
                "{'prompt': 'x', 'instruction_id_list': ['punctuation:no_coma'], 'kwargs': [{}]} |"
                        + " there is no instruction",
                "{'key': 1, 'instruction_id_list': ['punctuation:no_comma'], 'kwargs': [{}]} |"
                        + " 'prompt' must be text",
                "{'key': 9, 'prompt': 'x', 'instruction_id_list': ['punctuation:no_comma'],"
                        + " 'kwargs': [{}]} | the key 9 stands in line 1"
            })
    void read_wrongRow_isRefusedWithItsLine(String row, String message) throws IOException {
        String good =
                "{'key': 9, 'prompt': 'x', 'instruction_id_list': ['punctuation:no_comma'],"
                        + " 'kwargs': [{}]}";
        Path file = file((good + "\n\n" + row + "\n").replace('\'', '"'));
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.getMessage()).startsWith(message.strip());
                            assertThat(e.where()).contains(file + ":3");
                        });
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("prompts.jsonl"), text);
    }
}
