package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class TextTemplateTest {
    private static String render(String template, Map<String, ?> row) {
        return TextTemplate.compile(template, "task.yaml:doc_to_text").render(row);
    }

    @Test
    void whiteSpace_staysAsItIsWritten() {
        assertThat(render("a\n  {% if x %}\n b {% endif %}\nc\n", Map.of("x", true)))
                .isEqualTo("a\n  \n b \nc\n");
    }

    @Test
    void list_isPrintedAsPythonDoes() {
        Map<String, ?> row = Map.of("choices", Map.of("text", List.of("it's", "\"so\"\n", "é")));
        assertThat(render("{{choices.text}}", row)).isEqualTo("[\"it's\", '\"so\"\\n', 'é']");
    }

    @Test
    void methodsOfTextsAndLists_work() {
        Map<String, ?> row =
                Map.of("text", "the last word", "label", List.of("A", "B"), "key", " B");
        assertThat(render("{{text.split(' ')[:-1]|join(' ')}}", row)).isEqualTo("the last");
        assertThat(render("{{label.index(key.lstrip())}}", row)).isEqualTo("1");
    }

    @Test
    void missingColumn_isAnErrorWithItsPlace() {
        for (String template : List.of("\n{{nothing}}", "\n{% if nothing %}x{% endif %}")) {
            assertThatThrownBy(() -> render(template, Map.of("x", 1)))
                    .isInstanceOf(TailorException.class)
                    .hasMessage("'nothing' is undefined")
                    .satisfies(e ->
                            assertThat(((TailorException) e).where().orElse(""))
                                    .isEqualTo("task.yaml:doc_to_text:2"));
        }
    }

    @Test
    void missingColumn_canBeAskedFor() {
        assertThat(
                        render(
                                "{% if x is defined %}x{% else %}-{% endif %}{{y|default('z')}}",
                                Map.of()))
                .isEqualTo("-z");
    }
}
