package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.SplittableRandom;

/// Requests that are nearly right.
class FuzzTest {
    private static final List<String> PATHS =
            List.of(
                    "/v1/chat/completions",
                    "/v1/completions",
                    "/v1/embeddings",
                    "/tokenize",
                    "/v1/votes");
    private static final List<String> VALUES =
            List.of(
                    "null",
                    "-1",
                    "0",
                    "1",
                    "2",
                    "1e308",
                    "-0.0",
                    "9223372036854775808",
                    "\"\"",
                    "\"x\"",
                    "true",
                    "[]",
                    "{}",
                    "[[]]",
                    "[1]",
                    "[\"a\", null]",
                    "{\"type\": \"text\"}",
                    "\"\\ud800\"",
                    "\"\\u0000\"",
                    "[{\"role\": \"user\", \"content\": \"Hi\"}]");
    private static final List<String> NAMES =
            List.of(
                    "model",
                    "messages",
                    "prompt",
                    "input",
                    "temperature",
                    "top_p",
                    "top_k",
                    "min_p",
                    "n",
                    "stop",
                    "seed",
                    "max_tokens",
                    "logprobs",
                    "top_logprobs",
                    "logit_bias",
                    "echo",
                    "stream",
                    "stream_options",
                    "response_format",
                    "encoding_format",
                    "repetition_penalty",
                    "frequency_penalty");

    @Test
    void anyRequest_isAnsweredOrRefused_andTheServerGoesOn() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        try (TestServer server = new TestServer(TestServer.settings())) {
            int answered = 0;
            for (int i = 0; i < 600; i++) {
                String path = PATHS.get(random.nextInt(PATHS.size()));
                String body = body(random, path.endsWith("completions"));
                HttpResponse<String> response = server.post(path, body);
                assertThat(response.statusCode()).as("%s %s", path, body).isIn(200, 400, 404);
                answered += response.statusCode() == 200 ? 1 : 0;
                if (response.statusCode() != 200) {
                    assertThat(response.body()).contains("\"message\"", "\"type\"");
                }
            }
            assertThat(answered).isBetween(40, 550);
            assertThat(server.get("/ready").statusCode()).isEqualTo(200);
        }
    }

    private static String body(SplittableRandom random, boolean generates) {
        StringBuilder body =
                new StringBuilder(
                        generates ? "{\"max_completion_tokens\": 3" : "{\"model\": \"tiny\"");
        List<String> chosen =
                random.ints(random.nextInt(3), 0, NAMES.size())
                        .distinct()
                        .mapToObj(NAMES::get)
                        .toList();
        for (String name : chosen) {
            body.append(", \"%s\": %s".formatted(name, VALUES.get(random.nextInt(VALUES.size()))));
        }
        if (!chosen.contains("messages") && random.nextBoolean()) {
            body.append(", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]");
        }
        if (!chosen.contains("prompt") && random.nextBoolean()) {
            body.append(", \"prompt\": \"Hi\"");
        }
        body.append('}');
        for (int damage = random.nextInt(6); damage > 4; damage--) {
            body.setCharAt(random.nextInt(body.length()), (char) random.nextInt(32, 127));
        }
        return body.toString();
    }
}
