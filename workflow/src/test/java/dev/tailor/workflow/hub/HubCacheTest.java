package dev.tailor.workflow.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Fetching from a Hub, a real server on this machine: the model's files, and a second server that
/// the first redirects to for large ones, as the Hub does.
class HubCacheTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final String NAME = "org/small-model";

    private final byte[] config = "{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8);
    private final byte[] weights = new byte[300_000];
    private final List<String> requests = new ArrayList<>();
    private final List<String> tokensAtStore = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    private HttpServer hub;
    private HttpServer store;

    /// How many bytes of the weights the store sends before it hangs up, once.
    private Optional<Integer> hangsUpAfter = Optional.empty();

    @TempDir Path directory;

    @BeforeEach
    void startServers() throws IOException {
        new Random(1).nextBytes(weights);
        hub = server();
        store = server();
        hub.createContext("/api/models/" + NAME + "/revision/main", this::list);
        hub.createContext("/" + NAME + "/resolve/" + COMMIT + "/", this::resolve);
        store.createContext("/large", this::large);
        environment.put("HF_ENDPOINT", "http://127.0.0.1:" + hub.getAddress().getPort());
        environment.put("HF_HUB_CACHE", directory.resolve("cache").toString());
        environment.put("HF_TOKEN", "secret");
    }

    private static HttpServer server() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        return server;
    }

    @AfterEach
    void stopServers() {
        hub.stop(0);
        store.stop(0);
    }

    @Test
    void directory_notInTheCache_isFetchedInTheHubsLayout() throws IOException {
        Path model = cache().directory("hf:" + NAME);
        assertThat(model).isEqualTo(folder().resolve("snapshots").resolve(COMMIT));
        assertThat(model.resolve("config.json")).hasBinaryContent(config);
        assertThat(model.resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(folder().resolve("refs/main")).hasContent(COMMIT);
        assertThat(model.resolve("model.safetensors").toRealPath().getParent())
                .isEqualTo(folder().resolve("blobs").toRealPath());
        assertThat(model).isDirectoryNotContaining(path -> path.endsWith("pytorch_model.bin"));
    }

    @Test
    void directory_twice_asksTheHubOnce() {
        Path first = cache().directory("hf:" + NAME);
        int asked = requests.size();
        assertThat(cache().directory("hf:" + NAME)).isEqualTo(first);
        assertThat(requests).hasSize(asked);
    }

    @Test
    void directory_connectionEndsEarly_goesOnWhereItWas() {
        hangsUpAfter = Optional.of(100_000);
        Path model = cache().directory("hf:" + NAME);
        assertThat(model.resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(requests).anyMatch(request -> request.matches("large bytes=[1-9]\\d*-"));
    }

    @Test
    void directory_redirectedToAnotherHost_keepsTheTokenToItself() {
        cache().directory("hf:" + NAME);
        assertThat(requests).contains("list Bearer secret");
        assertThat(tokensAtStore).isNotEmpty().containsOnly("none");
    }

    @Test
    void directory_otherBytesThanTheHubSays_isRefusedAndDeleted() {
        byte[] sent = weights.clone();
        String blob = sha256(sent);
        weights[7]++;
        hub.removeContext("/api/models/" + NAME + "/revision/main");
        hub.createContext(
                "/api/models/" + NAME + "/revision/main", exchange -> list(exchange, blob));
        TailorException e = failure(() -> cache().directory("hf:" + NAME));
        assertThat(e.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(e.render()).contains("model.safetensors", blob);
        assertThat(folder().resolve("blobs").resolve(blob)).doesNotExist();
        assertThat(folder().resolve("blobs").resolve(blob + ".incomplete")).doesNotExist();
    }

    @Test
    void directory_offline_saysSoWithoutAsking() {
        environment.put("HF_HUB_OFFLINE", "1");
        TailorException e = failure(() -> cache().directory("hf:" + NAME));
        assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(e.render()).contains("HF_HUB_OFFLINE");
        assertThat(requests).isEmpty();
    }

    @Test
    void directory_unknownModel_namesItAndWhatToDo() {
        TailorException e = failure(() -> cache().directory("hf:org/nothing"));
        assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(e.render()).contains("404", "org/nothing", "name and revision");
        assertThat(e.render()).doesNotContain("secret");
    }

    @Test
    void directory_noServer_saysWhatElseToDo() {
        hub.stop(0);
        TailorException e = failure(() -> cache().directory("hf:" + NAME));
        assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(e.render()).contains("does not answer", "HF_ENDPOINT");
    }

    private static TailorException failure(Runnable action) {
        return catchThrowableOfType(TailorException.class, action::run);
    }

    private HubCache cache() {
        return new HubCache(environment, directory, Event.Listener.none());
    }

    private Path folder() {
        return directory.resolve("cache/models--org--small-model");
    }

    private void list(HttpExchange exchange) throws IOException {
        list(exchange, sha256(weights));
    }

    private void list(HttpExchange exchange, String blob) throws IOException {
        requests.add("list " + exchange.getRequestHeaders().getFirst("Authorization"));
        String json =
                """
                {"sha": "%s", "siblings": [
                  {"rfilename": "config.json", "size": %d, "blobId": "%s"},
                  {"rfilename": "model.safetensors", "size": %d, "blobId": "%s", "lfs": {"sha256": "%s"}},
                  {"rfilename": "pytorch_model.bin", "size": 5, "blobId": "%s"},
                  {"rfilename": "../../escape.json", "size": 5, "blobId": "%s"}]}
                """
                        .formatted(
                                COMMIT,
                                config.length,
                                gitSha1(config),
                                weights.length,
                                COMMIT,
                                blob,
                                COMMIT,
                                COMMIT);
        send(exchange, 200, json.getBytes(StandardCharsets.UTF_8));
    }

    private void resolve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add("resolve " + path);
        if (path.endsWith("/config.json")) {
            send(exchange, 200, config);
            return;
        }
        exchange.getResponseHeaders()
                .set("Location", "http://127.0.0.1:" + store.getAddress().getPort() + "/large");
        send(exchange, 302, new byte[0]);
    }

    private void large(HttpExchange exchange) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        tokensAtStore.add(token == null ? "none" : token);
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add("large " + range);
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] rest = Arrays.copyOfRange(weights, from, weights.length);
        if (hangsUpAfter.isPresent()) {
            exchange.sendResponseHeaders(200, rest.length);
            exchange.getResponseBody().write(rest, 0, hangsUpAfter.get());
            exchange.getResponseBody().flush();
            hangsUpAfter = Optional.empty();
            exchange.close();
            return;
        }
        send(exchange, from > 0 ? 206 : 200, rest);
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    private static String gitSha1(byte[] bytes) {
        byte[] header = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(header, header.length + bytes.length);
        System.arraycopy(bytes, 0, all, header.length, bytes.length);
        return digest("SHA-1", all);
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
