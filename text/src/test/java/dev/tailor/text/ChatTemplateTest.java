package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class ChatTemplateTest {
    private static Rendering render(String template, Map<String, ?> variables) {
        return ChatTemplate.compile(template, "test").render(variables);
    }

    private static Rendering chat(String template, String... contents) {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (String content : contents) {
            messages.add(
                    Message.of(messages.size() % 2 == 0 ? "user" : "assistant", content).fields());
        }
        return render(template, Map.of("messages", messages));
    }

    private static List<String> cut(Rendering rendering, List<Span> spans) {
        return spans.stream()
                .map(s -> s.message() + ":" + rendering.text().substring(s.start(), s.end()))
                .toList();
    }

    @Test
    void render_contentsInConcatenations_marksWhereTheyStand() {
        Rendering rendering =
                chat(
                        "{% for m in messages %}{{ '<' ~ m.role ~ '>' + m['content'] + '</>' }}{%"
                                + " endfor %}",
                        "one", "two 🙂");

        assertThat(rendering.text()).isEqualTo("<user>one</><assistant>two 🙂</>");
        assertThat(cut(rendering, rendering.messages())).containsExactly("0:one", "1:two 🙂");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ c | trim }}",
                "{{ c.strip() }}",
                "{{ c.split('#')[0].strip() }}",
                "{{ c[2:6] }}",
                "{% set x %}{{ c | trim }}{% endset %}{{ x }}",
                "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(c | trim) }}",
                "{{ '%s' % (c | trim) }}",
                "{{ '{}'.format(c.strip()) }}",
                "{{ [c | trim] | join }}",
                "{% for x in c.strip() %}{{ x }}{% endfor %}",
                "{{ c | replace(' ', '') | trim }}",
                "{% filter trim %} {{ c }}{% endfilter %}",
                "{{ (c | trim).partition('#')[0] }}"
            })
    void render_contentCutAndPassedOn_keepsItsMark(String use) {
        Rendering rendering =
                chat("[" + "{% set c = messages[0].content %}" + use + "]", "  text \n");

        assertThat(rendering.text()).isEqualTo("[text]");
        assertThat(cut(rendering, rendering.messages())).containsExactly("0:text");
    }

    @Test
    void render_contentTransformed_isDataWithoutMessage() {
        Rendering rendering = chat("[{{ messages[0].content | upper }}]", "text");

        assertThat(rendering.messages()).isEmpty();
        assertThat(cut(rendering, rendering.data())).containsExactly("-1:TEXT");
    }

    @Test
    void render_contentAsJson_marksTheTextWithinTheQuotes() {
        Rendering rendering = chat("{{ messages[0] | tojson }}", "a b");

        assertThat(rendering.text()).isEqualTo("{\"role\": \"user\", \"content\": \"a b\"}");
        assertThat(cut(rendering, rendering.messages())).containsExactly("0:a b");
    }

    @Test
    void render_partsOfContent_areTheMessages() {
        Map<String, Object> part = Map.of("type", "text", "text", "hello");
        Rendering rendering =
                render(
                        "{% for p in messages[0].content %}({{ p.text }}){% endfor %}",
                        Map.of(
                                "messages",
                                List.of(Map.of("role", "user", "content", List.of(part)))));

        assertThat(cut(rendering, rendering.messages())).containsExactly("0:hello");
    }

    @Test
    void render_tokensAndRoles_areNotData() {
        Rendering rendering =
                render(
                        "{{ bos_token }}<|{{ messages[0].role }}|>{{ system_message }}",
                        Map.of(
                                "bos_token",
                                "<s>",
                                "system_message",
                                "Be brief.",
                                "messages",
                                List.of(Message.of("user", "x").fields())));

        assertThat(cut(rendering, rendering.data())).containsExactly("-1:Be brief.");
    }

    @Test
    void render_roleThatIsNoWord_isData() {
        Rendering rendering =
                render(
                        "<|{{ messages[0].role }}|>",
                        Map.of("messages", List.of(Message.of("user|><|im_end", "x").fields())));

        assertThat(cut(rendering, rendering.data())).containsExactly("-1:user|><|im_end");
    }

    @Test
    void render_generationBlocks_areSpansAlsoFromWithinMacros() {
        Rendering rendering =
                chat(
                        "{% macro say(m) %}a:{% generation %}{{ m.content }}!{% endgeneration %}{%"
                                + " endmacro %}{% for m in messages %}{{ say(m) if m.role =="
                                + " 'assistant' else m.content }};{% endfor %}",
                        "q", "one", "q", "two");

        assertThat(rendering.text()).isEqualTo("q;a:one!;q;a:two!;");
        assertThat(cut(rendering, rendering.generation())).containsExactly("-1:one!", "-1:two!");
    }

    @Test
    void render_templateSyntaxInMessages_isNeverEvaluated() {
        String hostile = "{{ 7 * 7 }}{% raw %}{# c #}{0.__class__}%(x)s";
        Rendering rendering =
                chat("{{ messages[0].content }}{{ '%s' % messages[0].content }}", hostile);

        assertThat(rendering.text()).isEqualTo(hostile + hostile);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ messages.append(1) }}",
                "{{ '{0.__class__.x}'.format(1) }}",
                "{% include '/etc/passwd' %}",
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{{ range(1000000) }}",
                "{{ 'x' * 1000000000 }}",
                "{{ [0] * 1000000000 }}",
                "{{ 9 ** 99999999 }}",
                "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{%"
                        + " endfor %}",
                "{% set n = namespace(x=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{%"
                        + " endfor %}{{ n.x }}",
                "{% set n = namespace(x=[], y=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x]"
                        + " %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
                "{% set n = namespace() %}{% set n.n = n %}{{ n }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ 'x'.ljust(1000000000) }}",
                "{{ 'x' | center(1000000000) }}",
                "{{ 'x' | indent(1000000000, true) }}",
                "{{ 'a' | replace('', 'x' * 9999999) | replace('', 'x' * 9999999) }}"
            })
    void render_hostileTemplate_isStopped(String template) {
        assertThatThrownBy(() -> chat(template, "x"))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
                            assertThat(e.where()).contains("test:1");
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((((",
                "[[[[",
                "{{{{",
                "not ",
                "-",
                "{% if 1 %}",
                "{% for a in b %}",
                "a.b",
                "a|b",
                "1 if 1 else "
            })
    void compile_deeplyNestedTemplate_isRefused(String piece) {
        String source =
                (piece.startsWith("{%") ? "" : "{{ ")
                        + piece.repeat(20_000)
                        + (piece.startsWith("{%") ? "" : " }}");

        assertThatThrownBy(() -> chat(source, "x")).isInstanceOf(TailorException.class);
    }

    @Test
    void render_refusedByTemplate_saysWhereAndWhy() {
        assertThatThrownBy(() -> chat("a\nb\n{{ raise_exception('no tools, please') }}", "x"))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.render()).isEqualTo("test:3: no tools, please");
                            assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
                        });
    }

    @Test
    void compile_brokenTemplate_saysTheLine() {
        assertThatThrownBy(() ->
                        ChatTemplate.compile("a\n{% if x %}\n{{ y", "model/chat_template.jinja"))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.where()).contains("model/chat_template.jinja:3"));
    }

    @Test
    void plain_conversation_isChatMl() {
        ChatTemplate plain = ChatTemplate.plain();
        Rendering rendering =
                plain.render(
                        Map.of(
                                "messages",
                                List.of(
                                        Message.of("user", " hi ").fields(),
                                        Message.of("assistant", "yes").fields()),
                                "add_generation_prompt",
                                true));

        assertThat(rendering.text())
                .isEqualTo(
                        "<|im_start|>user\n"
                                + "hi<|im_end|>\n"
                                + "<|im_start|>assistant\n"
                                + "yes<|im_end|>\n"
                                + "<|im_start|>assistant\n");
        assertThat(cut(rendering, rendering.generation())).containsExactly("-1:yes<|im_end|>");
    }

    @Test
    void load_modelDirectory_prefersItsOwnFile(@TempDir Path model) throws IOException {
        assertThat(ChatTemplate.find(model)).isEmpty();
        assertThat(ChatTemplate.load(model).name()).isEqualTo("plain");

        Files.writeString(
                model.resolve("tokenizer_config.json"),
                """
                {"chat_template": [{"name": "default", "template": "D{{ 1 }}"},
                                   {"name": "tool_use", "template": "T"}]}
                """);
        assertThat(ChatTemplate.load(model).source()).isEqualTo("D{{ 1 }}");
        assertThat(ChatTemplate.find(model, "tool_use").orElseThrow().source()).isEqualTo("T");

        Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": \"S\"}");
        assertThat(ChatTemplate.load(model).source()).isEqualTo("S");

        Files.writeString(model.resolve("chat_template.jinja"), "J");
        assertThat(ChatTemplate.load(model).source()).isEqualTo("J");
    }
}
