package dev.tailor.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keys and pages of other origins.
class AccessTest {
    @TempDir Path directory;

    private static ServerSettings settings(Optional<ApiKeys> keys, Optional<String> origin) {
        return new ServerSettings(
                "127.0.0.1", 0, keys, origin, TestServer.LOAD, Map.of(), Optional.empty());
    }

    @Test
    void key_isNeededForEverythingThatCostsSomething() throws Exception {
        ApiKeys.Fresh alice = ApiKeys.create("alice");
        ApiKeys.Fresh bob = ApiKeys.create("bob");
        Path file =
                Files.write(
                        directory.resolve("keys.txt"),
                        List.of("# who may ask", "", alice.line(), bob.line()));
        assertThat(file).content().doesNotContain(alice.key(), bob.key());
        try (TestServer server =
                new TestServer(settings(Optional.of(ApiKeys.load(file)), Optional.empty()))) {
            HttpResponse<String> without = server.get("/v1/models");
            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(without.body()).contains("authentication_error", "missing_api_key");
            assertThat(status(server, "Bearer " + alice.key())).isEqualTo(200);
            assertThat(status(server, "Bearer " + bob.key())).isEqualTo(200);
            assertThat(status(server, "Bearer " + alice.key() + "0")).isEqualTo(401);
            assertThat(status(server, "Bearer " + alice.line())).isEqualTo(401);
            assertThat(status(server, "Basic " + alice.key())).isEqualTo(401);
            for (String path :
                    List.of("/v1/chat/completions", "/v1/completions", "/tokenize", "/v1/votes")) {
                assertThat(server.post(path, "{}").statusCode()).isEqualTo(401);
            }
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.get("/metrics").body()).doesNotContain(alice.key());
        }
    }

    private static int status(TestServer server, String authorization) throws Exception {
        return server.send(server.request("/v1/models").header("Authorization", authorization))
                .statusCode();
    }

    @Test
    void keyFile_malformed_isNamedWithItsLine() throws Exception {
        Path file = Files.writeString(directory.resolve("keys.txt"), "\nsecret\n");
        assertThatThrownBy(() -> ApiKeys.load(file))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.render()).contains(file + ":2", "--hash-key"));
        Path empty = Files.writeString(directory.resolve("empty.txt"), "# nobody\n");
        assertThatThrownBy(() -> ApiKeys.load(empty)).hasMessageContaining("no key");
        assertThatThrownBy(() -> ApiKeys.create("a:b")).isInstanceOf(TailorException.class);
    }

    @Test
    void otherOrigins_areAllowedOnlyWhenTheyAreNamed() throws Exception {
        try (TestServer server = new TestServer(settings(Optional.empty(), Optional.empty()))) {
            assertThat(allowed(server, "https://a.example")).isEmpty();
        }
        Optional<String> one = Optional.of("https://a.example");
        try (TestServer server = new TestServer(settings(Optional.empty(), one))) {
            assertThat(allowed(server, "https://a.example")).contains("https://a.example");
            assertThat(allowed(server, "https://b.example")).isEmpty();
            HttpResponse<String> preflight =
                    server.send(
                            server.request("/v1/chat/completions")
                                    .header("Origin", "https://a.example")
                                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
            assertThat(preflight.headers().firstValue("access-control-allow-headers"))
                    .contains("authorization, content-type");
        }
    }

    private static Optional<String> allowed(TestServer server, String origin) throws Exception {
        return server.send(server.request("/v1/models").header("Origin", origin))
                .headers()
                .firstValue("access-control-allow-origin");
    }
}
