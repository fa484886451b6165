package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The engine against recorded renderings of templates of our own: always there, also offline.
class RecordedTemplatesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/jinja");
    private static final LocalDateTime TIME = LocalDateTime.of(2024, 7, 26, 13, 5, 9);
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void render_singleConstructs_givesRecordedTextOrRefuses() {
        JsonNode recorded = JSON.readTree(GOLDEN.resolve("snippets.json"));
        Map<String, Object> variables = variables(recorded.path("variables"));
        List<String> differences = new ArrayList<>();
        for (JsonNode one : recorded.path("cases")) {
            compare(one, one.path("template").stringValue(), variables, differences);
        }

        assertThat(recorded.path("cases").size()).isGreaterThan(450);
        assertThat(String.join("\n", differences)).isEmpty();
    }

    @Test
    void render_wholeTemplates_givesRecordedTextOrRefuses() {
        JsonNode recorded = JSON.readTree(GOLDEN.resolve("conversations.json"));
        List<String> differences = new ArrayList<>();
        for (JsonNode one : recorded.path("cases")) {
            String conversation = one.path("conversation").stringValue();
            Map<String, Object> variables =
                    variables(recorded.path("conversations").path(conversation));
            variables.put("bos_token", "<s>");
            variables.put("eos_token", "</s>");
            int template = one.path("template").intValue();
            String source = recorded.path("templates").path(template).stringValue();
            compare(one, source, variables, differences);
        }

        assertThat(recorded.path("cases").size()).isEqualTo(40);
        assertThat(String.join("\n", differences)).isEmpty();
    }

    private static void compare(
            JsonNode recorded,
            String source,
            Map<String, Object> variables,
            List<String> differences) {
        String expected = recorded.path("ok").asString("refused");
        String actual = render(source, variables);
        boolean refused = actual.startsWith("refused");
        if (recorded.has("ok") ? !actual.equals("ok " + expected) : !refused) {
            differences.add(source + "\n  expected: " + recorded + "\n  actual:   " + actual);
        }
    }

    private static String render(String source, Map<String, Object> variables) {
        try {
            return "ok " + ChatTemplate.compile(source, "test").render(variables, TIME).text();
        } catch (TailorException e) {
            return "refused " + e.render();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> variables(JsonNode node) {
        return new HashMap<>(JSON.convertValue(node, Map.class));
    }
}
