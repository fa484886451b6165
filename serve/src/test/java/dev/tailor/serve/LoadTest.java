package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Many clients at once, those that leave, and the end.
class LoadTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static String question(int number, int maxTokens, String rest) {
        return "{\"temperature\": 0, \"max_tokens\": %d, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]%s}"
                .formatted(maxTokens, "Question ".repeat(1 + number % 5) + number, rest);
    }

    private static CompletableFuture<HttpResponse<String>> ask(TestServer server, String body) {
        return server.client()
                .sendAsync(
                        server.request(CHAT)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static double metric(TestServer server, String name) {
        try {
            Matcher line =
                    Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\S+)$")
                            .matcher(server.get("/metrics").body());
            return line.find() ? Double.parseDouble(line.group(1)) : 0;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void answers_ofManyTogether_areThoseOfEachAlone() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings())) {
            List<String> bodies =
                    IntStream.range(0, 24).mapToObj(i -> question(i, 20 + i, "")).toList();
            List<JsonNode> alone = new ArrayList<>();
            for (String body : bodies) {
                alone.add(server.ask(CHAT, body).at("/choices/0/message/content"));
            }
            List<CompletableFuture<HttpResponse<String>>> together =
                    bodies.stream().map(body -> ask(server, body)).toList();
            for (int i = 0; i < bodies.size(); i++) {
                JsonNode reply = JsonMapper.shared().readTree(together.get(i).get().body());
                assertThat(reply.at("/choices/0/message/content")).isEqualTo(alone.get(i));
            }
            double steps = metric(server, "tailor_batch_size_count");
            double below = metric(server, "tailor_batch_size_bucket{le=\"4.0\"}");
            assertThat(steps - below).as("steps of more than four").isGreaterThan(5);
        }
    }

    /// Room for one long answer and a bit: sequences must give way to each other.
    @Test
    void answers_withoutRoomForAll_areStillThoseOfEachAlone() throws Exception {
        ServerSettings.Load tight = new ServerSettings.Load(8, 64, 288, 1 << 20);
        try (TestServer server = new TestServer(TestServer.settings(tight))) {
            List<String> bodies = IntStream.range(0, 6).mapToObj(i -> question(i, 70, "")).toList();
            List<JsonNode> alone = new ArrayList<>();
            for (String body : bodies) {
                alone.add(server.ask(CHAT, body).at("/choices/0/message/content"));
            }
            List<CompletableFuture<HttpResponse<String>>> together =
                    bodies.stream().map(body -> ask(server, body)).toList();
            for (int i = 0; i < bodies.size(); i++) {
                JsonNode reply = JsonMapper.shared().readTree(together.get(i).get().body());
                assertThat(reply.at("/choices/0/message/content")).isEqualTo(alone.get(i));
                assertThat(reply.at("/usage/completion_tokens").intValue()).isEqualTo(70);
            }
            assertThat(metric(server, "tailor_preemptions_total")).isPositive();
        }
    }

    @Test
    void beginning_sharedWithAnEarlierPrompt_isNotComputedAgain() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings())) {
            String body =
                    "{\"temperature\": 0, \"max_tokens\": 4, \"messages\": [{\"role\": \"system\","
                            + " \"content\": \"%s\"}, {\"role\": \"user\", \"content\": \"%s\"}]}";
            String system = "You answer about the grid. ".repeat(5);
            JsonNode first = server.ask(CHAT, body.formatted(system, "One"));
            JsonNode second = server.ask(CHAT, body.formatted(system, "One"));
            assertThat(first.at("/usage/prompt_tokens_details/cached_tokens").intValue()).isZero();
            assertThat(second.at("/usage/prompt_tokens_details/cached_tokens").intValue())
                    .isGreaterThanOrEqualTo(32);
            assertThat(second.at("/choices/0/message/content"))
                    .isEqualTo(first.at("/choices/0/message/content"));
        }
    }

    @Test
    void queue_full_refusesWith429AndWhenToComeAgain() throws Exception {
        ServerSettings.Load small = new ServerSettings.Load(1, 2, 4096, 1 << 20);
        try (TestServer server = new TestServer(TestServer.settings(small))) {
            List<CompletableFuture<HttpResponse<String>>> all =
                    IntStream.range(0, 12)
                            .mapToObj(i -> ask(server, question(i, 150, "")))
                            .toList();
            List<Integer> statuses = new ArrayList<>();
            for (CompletableFuture<HttpResponse<String>> each : all) {
                HttpResponse<String> response = each.get();
                statuses.add(response.statusCode());
                if (response.statusCode() == 429) {
                    assertThat(response.headers().firstValue("retry-after")).contains("1");
                    assertThat(response.body()).contains("rate_limit_error", "too_many_requests");
                }
            }
            assertThat(statuses).contains(200, 429).containsOnly(200, 429);
            assertThat(server.post(CHAT, question(1, 2, "")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void client_leavingAStream_freesItsPlace() throws Exception {
        ServerSettings.Load single = new ServerSettings.Load(1, 8, 4096, 1 << 20);
        try (TestServer server = new TestServer(TestServer.settings(single))) {
            String body = question(1, 200, ", \"stream\": true, \"n\": 60");
            try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
                socket.getOutputStream()
                        .write(
                                ("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                                                .formatted(CHAT, body.length(), body))
                                        .getBytes(StandardCharsets.UTF_8));
                InputStream in = socket.getInputStream();
                assertThat(in.read()).isEqualTo('H');
                socket.setSoLinger(true, 0);
            }
            await(() -> metric(server, "tailor_requests_cancelled_total") == 1);
            await(() -> metric(server, "tailor_running_sequences") == 0);
            await(() -> metric(server, "tailor_queue_sequences") == 0);
            assertThat(metric(server, "tailor_generated_tokens_total")).isLessThan(60 * 200);
        }
    }

    @Test
    void client_thatNeverEndsItsRequest_doesNotHoldOthersUp() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings());
                Socket socket = new Socket("127.0.0.1", server.server().port())) {
            socket.getOutputStream()
                    .write(
                            ("POST "
                                            + CHAT
                                            + " HTTP/1.1\r\n"
                                            + "Host: x\r\n"
                                            + "Content-Length: 999\r\n\r\n"
                                            + "{")
                                    .getBytes(StandardCharsets.UTF_8));
            assertThat(server.post(CHAT, question(1, 2, "")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void drain_letsWhatWasAskedEnd_andRefusesTheRest() throws Exception {
        try (TestServer server = new TestServer(TestServer.settings())) {
            CompletableFuture<HttpResponse<String>> before = ask(server, question(1, 200, ""));
            await(() -> metric(server, "tailor_running_sequences") > 0);
            CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> drain(server));
            await(() -> status(server) == 503);
            HttpResponse<String> after = server.post(CHAT, question(2, 2, ""));
            assertThat(after.statusCode()).isEqualTo(503);
            assertThat(after.body()).contains("shutting_down");
            assertThat(before.get().statusCode()).isEqualTo(200);
            assertThat(drained.get()).isTrue();
        }
    }

    private static boolean drain(TestServer server) {
        try {
            return server.server().drain(60);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int status(TestServer server) {
        try {
            return server.get("/ready").statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
