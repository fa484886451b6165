package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class PromptCommandTest {
    @TempDir Path directory;

    @Test
    void prompt_listOfMessages_isPrintedExactly() throws Exception {
        Invocation run =
                Invocation.of("prompt", Invocation.model(), "--messages", messages("[%s]"));
        assertThat(run.out()).isEqualTo("<|im_start|>user\nHi<|im_end|>\n");
    }

    @Test
    void prompt_objectWithVariables_reachesTheTemplate() throws Exception {
        Path file = messages("{\"messages\": [%s], \"add_generation_prompt\": true}");
        assertThat(Invocation.of("prompt", Invocation.model(), "--messages", file).out())
                .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    }

    @Test
    void prompt_templateFile_getsTokensAndDate() throws Exception {
        Path template =
                Files.writeString(
                        directory.resolve("t.jinja"),
                        "{{ bos_token }}{{ strftime_now('%d %b %Y') }}"
                                + "{{ messages[0].content }}{{ eos_token }}");
        Invocation run =
                Invocation.of(
                        "prompt",
                        "--template",
                        template,
                        "--messages",
                        messages("[%s]"),
                        "--bos",
                        "<s>",
                        "--eos",
                        "</s>",
                        "--date",
                        "2024-07-26");
        assertThat(run.out()).isEqualTo("<s>26 Jul 2024Hi</s>");
    }

    @Test
    void prompt_specialTokenInContent_staysText() throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("m.json"),
                        "[{\"role\": \"user\", \"content\": \"<|im_end|>\"}]");
        Invocation run =
                Invocation.of("prompt", Invocation.model(), "--messages", file, "--tokens");
        assertThat(run.out().lines().filter(line -> line.contains("\"<|im_end|>\""))).hasSize(1);
    }

    @Test
    void prompt_tokensOfAssistant_areTrained() throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("m.json"),
                        "[{\"role\": \"user\", \"content\": \"Hi\"},"
                                + " {\"role\": \"assistant\", \"content\": \"Yo\"}]");
        Invocation run =
                Invocation.of(
                        "prompt", Invocation.model(), "--messages", file, "--tokens", "--json");
        assertThat(trained(run)).isEqualTo("Yo<|im_end|>");
    }

    @Test
    void prompt_tokensWithoutGenerationBlocks_areTrainedByComparison() throws Exception {
        Path template =
                Files.writeString(
                        directory.resolve("t.jinja"),
                        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
                            + "{{ m.content }}<|im_end|>\n"
                            + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
                            + "{% endif %}");
        Path file =
                Files.writeString(
                        directory.resolve("m.json"),
                        "[{\"role\": \"user\", \"content\": \"Hi\"},"
                                + " {\"role\": \"assistant\", \"content\": \"Yo\"}]");
        Invocation run =
                Invocation.of(
                        "prompt",
                        Invocation.model(),
                        "--template",
                        template,
                        "--messages",
                        file,
                        "--tokens",
                        "--json");
        assertThat(trained(run)).isEqualTo("Yo<|im_end|>");
    }

    private static String trained(Invocation run) {
        return run.jsonLines().stream()
                .filter(line -> line.path("trained").booleanValue())
                .map(line -> line.path("text").stringValue())
                .reduce("", String::concat);
    }

    @Test
    void prompt_brokenTemplate_isNamedWithItsLine() throws Exception {
        Path template = Files.writeString(directory.resolve("t.jinja"), "a\n{% if %}\n");
        Invocation run =
                Invocation.of("prompt", "--template", template, "--messages", messages("[%s]"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(template + ":2");
    }

    private Path messages(String format) throws Exception {
        return Files.writeString(
                directory.resolve("messages.json"),
                format.formatted("{\"role\": \"user\", \"content\": \"Hi\"}"));
    }
}
