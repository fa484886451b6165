package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class GenerateCommandTest {
    @TempDir Path directory;

    @Test
    void generate_prompt_isOneJsonLine() {
        Invocation run = generate("--prompt", "Hello", "--max-tokens", "5");
        assertThat(run.exitCode()).isZero();
        JsonNode line = run.json();
        assertThat(line.path("tokens")).hasSize(5);
        assertThat(line.path("finish_reason").stringValue()).isEqualTo("length");
        assertThat(line.path("text").stringValue()).isNotEmpty();
    }

    @Test
    void generate_sameSeed_answersTheSame() throws Exception {
        Path input =
                Files.write(
                        directory.resolve("in.jsonl"),
                        List.of(
                                "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}",
                                "{\"prompt\": \"Hello\"}",
                                "{\"tokens\": [5, 6, 7]}"));
        Object[] command = {
            "--input", input, "--max-tokens", "8", "--temperature", "0.9", "--seed", "7"
        };
        Invocation first = generate(command);
        assertThat(first.jsonLines()).hasSize(3);
        assertThat(generate(command).out()).isEqualTo(first.out());
        command[7] = "8";
        assertThat(generate(command).out()).isNotEqualTo(first.out());
    }

    @Test
    void generate_stopString_endsBeforeIt() {
        String whole =
                generate("--prompt", "Hello", "--max-tokens", "8")
                        .json()
                        .path("text")
                        .stringValue();
        String stop = whole.substring(2, 4);
        JsonNode cut = generate("--prompt", "Hello", "--max-tokens", "8", "--stop", stop).json();
        assertThat(cut.path("text").stringValue())
                .isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(cut.path("finish_reason").stringValue()).isEqualTo("stop");
    }

    @Test
    void generate_neitherPromptNorInput_isUsage() {
        Invocation run = generate();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--prompt or --input");
    }

    @Test
    void generate_impossibleSampling_isUsage() {
        assertThat(generate("--prompt", "x", "--top-p", "1.5").exitCode()).isEqualTo(2);
    }

    private static Invocation generate(Object... options) {
        Object[] words = new Object[options.length + 2];
        words[0] = "generate";
        words[1] = Invocation.model();
        System.arraycopy(options, 0, words, 2, options.length);
        return Invocation.of(words);
    }
}
