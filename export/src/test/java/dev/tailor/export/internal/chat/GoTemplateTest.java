package dev.tailor.export.internal.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.text.ChatTemplate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class GoTemplateTest {
    private static final Map<String, String> TOKENS =
            Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 5, 4, 3, 2);

    private static final String CHATML =
            """
            {% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}\
            """;

    private static final String CHATML_WITH_STAND_IN =
            "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe"
                    + " kind.<|im_end|>\\n' }}{% endif %}"
                    + CHATML;

    private static final String LLAMA2 =
            """
            {% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}{% set rest = messages[1:] %}\
            {% else %}{% set system = '' %}{% set rest = messages %}{% endif %}\
            {% for m in rest %}{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' }}\
            {% if loop.first and system %}{{ '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' }}{% endif %}{{ m['content'] + ' [/INST]' }}\
            {% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}\
            """;

    private static final String LLAMA3 =
            """
            {{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] + '<|eot_id|>' }}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}\
            """;

    private static final String ZEPHYR =
            """
            {% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] + eos_token + '\\n' }}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}\
            """;

    /// Prints what would begin an action in Go.
    private static final String BRACES =
            CHATML.replace("<|im_start|>", "{{{").replace("\\n' + m", "{' + m");

    private static final String ROLE_ALONE =
            "{% for m in messages %}{{ m['role'] + m['content'] + '\\n' }}{% endfor %}"
                    + "{% if add_generation_prompt %}assistant{% endif %}";

    private static final List<List<ChatShape.Turn>> CONVERSATIONS =
            List.of(
                    List.of(turn("user", "Hi {{ .System }} there")),
                    List.of(turn("system", "Short."), turn("user", "Why?")),
                    List.of(turn("user", "A"), turn("assistant", "B"), turn("user", "C")),
                    List.of(
                            turn("system", "Obey."),
                            turn("user", "A"),
                            turn("assistant", "B\n"),
                            turn("user", "C")));

    static Stream<String> templates() {
        return Stream.of(CHATML, CHATML_WITH_STAND_IN, LLAMA2, LLAMA3, ZEPHYR, BRACES, ROLE_ALONE);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void template_inGo_rendersWhatTheOriginalRenders(String source) {
        assertSame(ChatTemplate.compile(source, "test"), CONVERSATIONS);
    }

    @Test
    void chatml_inGo_isAShortLoop() {
        assertThat(go(ChatTemplate.compile(CHATML, "test"), true))
                .hasValue(
                        "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n"
                                + "{{ end }}<|im_start|>assistant\n");
    }

    @Test
    void templateThatPrintsTheDate_hasNoShape() {
        assertThat(go(ChatTemplate.compile("{{ strftime_now('%d %b') }}" + CHATML, "test"), true))
                .isEmpty();
    }

    @Test
    void templateThatForgetsEarlierAnswers_hasNoShape() {
        String forgetful =
                CHATML.replace(
                        "m['content'] +",
                        "(m['content'] if loop.last or m['role'] == 'user' else '...') +");
        assertThat(go(ChatTemplate.compile(forgetful, "test"), true)).isEmpty();
    }

    @Test
    void publicTemplates_inGo_renderWhatTheOriginalsRender() throws Exception {
        Path golden =
                Path.of(System.getProperty("tailor.shared", "absent")).resolve("golden/templates");
        assumeTrue(Files.isDirectory(golden), "needs the collection of public chat templates");
        // Some of the public templates trim contents, which Go templates cannot.
        List<List<ChatShape.Turn>> trimmed = CONVERSATIONS.subList(0, 3);
        int shaped = 0;
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jinja")).toList()) {
                ChatTemplate template =
                        ChatTemplate.compile(Files.readString(file), file.toString());
                if (go(template, true).isPresent()) {
                    shaped++;
                    assertSame(template, trimmed);
                }
            }
        }
        assertThat(shaped).isGreaterThanOrEqualTo(40);
    }

    private static void assertSame(
            ChatTemplate template, List<List<ChatShape.Turn>> conversations) {
        for (List<ChatShape.Turn> turns : conversations) {
            String expected = render(template, turns);
            assertThat(GoSubset.run(go(template, false).orElseThrow(), turns)).isEqualTo(expected);
            // The reader of the GGUF file adds the first token itself, if it stands first at all.
            String withoutBos =
                    expected.startsWith("<s>") ? expected.substring("<s>".length()) : expected;
            assertThat(GoSubset.run(go(template, true).orElseThrow(), turns)).isEqualTo(withoutBos);
        }
    }

    private static Optional<String> go(ChatTemplate template, boolean bosIsAdded) {
        return ChatShape.of(template, TOKENS).map(shape -> GoTemplate.of(shape, "<s>", bosIsAdded));
    }

    private static String render(ChatTemplate template, List<ChatShape.Turn> turns) {
        return template.render(
                        Map.of(
                                "messages",
                                turns.stream()
                                        .map(turn ->
                                                Map.of(
                                                        "role",
                                                        turn.role(),
                                                        "content",
                                                        turn.content()))
                                        .toList(),
                                "add_generation_prompt",
                                true,
                                "bos_token",
                                "<s>",
                                "eos_token",
                                "</s>"),
                        NOW)
                .text();
    }

    private static ChatShape.Turn turn(String role, String content) {
        return new ChatShape.Turn(role, content);
    }
}
