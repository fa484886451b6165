package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

class AdaptersTest {
    private static final List<String> NAMES = List.of("tiny", "lora", "rank", "rs");

    /// Adapters recorded beside the tests of the torch module, for the same model.
    private static Path recorded(String name) {
        return Path.of(System.getProperty("tailor.root"), "torch/src/test/resources/golden", name);
    }

    private static ServerSettings settings() {
        return new ServerSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                TestServer.LOAD,
                Map.of(
                        "lora", recorded("lora"),
                        "rank", recorded("lora_attn_rankpattern"),
                        "rs", recorded("lora_rslora"),
                        "dora", recorded("lora_dora"),
                        "gone", Path.of("no/such/directory")),
                Optional.empty());
    }

    private static String question(String model, int tokens) {
        return "{\"model\": \"%s\", \"prompt\": [5, 6, 7], \"temperature\": 0, \"max_tokens\": %d, \"logprobs\": 1}"
                .formatted(model, tokens);
    }

    @Test
    void request_namingAnAdapter_isAnsweredByItInOneBatchWithOthers() throws Exception {
        List<String> alone = new ArrayList<>();
        for (String name : NAMES) {
            try (TestServer server = new TestServer(settings())) {
                alone.add(text(server.ask("/v1/completions", question(name, 30))));
            }
        }
        assertThat(alone).doesNotHaveDuplicates();
        try (TestServer server = new TestServer(settings())) {
            List<CompletableFuture<HttpResponse<String>>> together = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                HttpRequest request =
                        server.request("/v1/completions")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                question(NAMES.get(i % 4), 30)))
                                .build();
                together.add(
                        server.client().sendAsync(request, HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < 12; i++) {
                JsonNode reply = JsonMapper.shared().readTree(together.get(i).get().body());
                assertThat(reply.path("model").stringValue()).isEqualTo(NAMES.get(i % 4));
                assertThat(text(reply)).isEqualTo(alone.get(i % 4));
            }
        }
    }

    private static String text(JsonNode reply) {
        return reply.at("/choices/0/text").stringValue();
    }

    @Test
    void adapter_thatCannotBeServed_isAnErrorOfItsRequestAlone() throws Exception {
        try (TestServer server = new TestServer(settings())) {
            assertThat(server.get("/v1/models").body()).contains("\"id\":\"dora\"");
            JsonNode dora = server.refused(500, "/v1/completions", question("dora", 2));
            assertThat(dora.path("message").stringValue()).contains("DoRA", "tailor adapter merge");
            JsonNode gone = server.refused(500, "/v1/completions", question("gone", 2));
            assertThat(gone.path("type").stringValue()).isEqualTo("server_error");
            server.refused(404, "/v1/completions", question("unknown", 2));
            assertThat(server.ask("/v1/completions", question("lora", 2)).has("choices")).isTrue();
        }
    }
}
