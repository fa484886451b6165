package dev.tailor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;

import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Chat templates of public models against what transformers renders from them.
class PublicTemplatesTest {
    private static final LocalDateTime TODAY = LocalDateTime.of(2024, 7, 26, 12, 0);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory =
            Path.of(System.getProperty("tailor.shared", "../../shared"), "golden", "templates");

    @Test
    void templates_ofPublicModels_renderTheSameBytesOrRefuseAsTransformersDoes()
            throws IOException {
        assumeTrue(Files.isDirectory(directory), "no golden templates at " + directory);
        Map<String, Map<String, Object>> cases =
                JSON.readValue(directory.resolve("cases.json"), new TypeReference<>() {});
        Map<String, Map<String, Map<String, String>>> expected =
                JSON.readValue(directory.resolve("expected.json"), new TypeReference<>() {});
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (var template : expected.entrySet()) {
            for (var wanted : template.getValue().entrySet()) {
                compared++;
                String actual = render(template.getKey(), cases.get(wanted.getKey()));
                String difference = difference(wanted.getValue(), actual);
                if (difference != null) {
                    differences.add(template.getKey() + " " + wanted.getKey() + ": " + difference);
                }
            }
        }
        assertThat(compared).isEqualTo(285);
        if (!differences.isEmpty()) {
            fail(differences.size() + " of " + compared + "\n" + String.join("\n", differences));
        }
    }

    private String render(String template, Map<String, Object> variables) throws IOException {
        Map<String, Object> complete = new HashMap<>(variables);
        complete.put("bos_token", "<s>");
        complete.put("eos_token", "</s>");
        try {
            String source = Files.readString(directory.resolve(template));
            return "ok " + ChatTemplate.compile(source, template).render(complete, TODAY).text();
        } catch (TailorException e) {
            return "err " + e.render();
        }
    }

    private static String difference(Map<String, String> wanted, String actual) {
        String refusal = wanted.get("err");
        if (refusal != null) {
            String reason =
                    refusal.startsWith("TypeError") ? "" : refusal.replaceFirst("^\\w+: ", "");
            return actual.startsWith("err ") && actual.contains(reason)
                    ? null
                    : "must refuse: " + refusal + " but: " + actual;
        }
        if (actual.startsWith("err ")) {
            return actual;
        }
        return actual.substring(3).equals(wanted.get("ok"))
                ? null
                : "\n--- expected\n" + wanted.get("ok") + "\n--- actual\n" + actual.substring(3);
    }
}
