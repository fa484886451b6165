package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A model with random weights would never write JSON of itself.
class JsonObjectTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final JsonMapper STRICT =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(TestServer.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String body(String rest) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"JSON\"}], \"response_format\": {\"type\": \"json_object\"}, %s}"
                .formatted(rest);
    }

    @Test
    void answer_ofAnyLengthAndSampling_isAnObject() throws Exception {
        for (int limit : new int[] {2, 3, 4, 5, 7, 12, 25, 60, 150}) {
            JsonNode reply =
                    server.ask(
                            CHAT,
                            body(
                                    "\"n\": 16, \"temperature\": 1.5, \"seed\": %d, \"max_tokens\": %d"
                                            .formatted(limit, limit)));
            for (JsonNode choice : reply.path("choices")) {
                String text = choice.at("/message/content").stringValue();
                assertThat(STRICT.readTree(text).isObject()).as(text).isTrue();
                assertThat(choice.path("finish_reason").stringValue()).isEqualTo("stop");
            }
            assertThat(reply.at("/usage/completion_tokens").intValue())
                    .isLessThanOrEqualTo(16 * limit);
        }
    }

    @Test
    void answer_greedyWithBiasAgainstIt_isAnObject() throws Exception {
        JsonNode reply =
                server.ask(
                        CHAT,
                        body(
                                "\"temperature\": 0, \"max_tokens\": 40, \"logit_bias\": {\"65\":"
                                        + " 100, \"66\": 100}"));
        String text = reply.at("/choices/0/message/content").stringValue();
        assertThat(STRICT.readTree(text).isObject()).as(text).isTrue();
    }

    @Test
    void request_thatCannotBeAnObject_isRefused() throws Exception {
        assertThat(server.refused(400, CHAT, body("\"max_tokens\": 1")).path("param"))
                .hasToString("\"max_tokens\"");
        assertThat(server.refused(400, CHAT, body("\"stop\": \"}\"")).path("param"))
                .hasToString("\"stop\"");
    }
}
