package dev.tailor.serve;

import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Precision;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A server on a free port with the tiny model of the command line's tests (context 256, random
/// weights), and a client of it.
final class TestServer implements AutoCloseable {
    static final ServerSettings.Load LOAD = new ServerSettings.Load(16, 64, 4096, 1 << 20);

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client = HttpClient.newHttpClient();
    private final ServedModel model;
    private final ModelServer server;

    TestServer(ServerSettings settings) {
        this.model = load();
        this.server = ModelServer.start(model, settings);
    }

    static Path directory() {
        return Path.of(System.getProperty("tailor.root"), "cli/src/test/resources/llama");
    }

    static ServedModel load() {
        Tokenizer tokenizer = Tokenizer.load(directory());
        return new ServedModel(
                "tiny",
                CausalModel.load(directory(), Precision.FLOAT32),
                tokenizer,
                new ChatEncoder(tokenizer, ChatTemplate.load(directory())),
                Set.of(tokenizer.id("<|im_end|>").orElse(2)));
    }

    static ServerSettings settings() {
        return settings(LOAD);
    }

    static ServerSettings settings(ServerSettings.Load load) {
        return new ServerSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                load,
                Map.of(),
                Optional.empty());
    }

    ServedModel model() {
        return model;
    }

    ModelServer server() {
        return server;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /// The answer to a request that succeeds.
    JsonNode ask(String path, String body) throws Exception {
        return ask(200, path, body);
    }

    /// The answer to a request that succeeds with a status.
    JsonNode ask(int status, String path, String body) throws Exception {
        return answered(status, post(path, body));
    }

    /// The answer to a request without a body that succeeds with a status.
    JsonNode ask(int status, String path) throws Exception {
        return answered(status, get(path));
    }

    private static JsonNode answered(int status, HttpResponse<String> response) {
        if (response.statusCode() != status) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }

    /// The error of a request that is refused with a status.
    JsonNode refused(int status, String path, String body) throws Exception {
        HttpResponse<String> response = post(path, body);
        if (response.statusCode() != status) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body()).path("error");
    }

    /// The events of a stream; the last must be its end.
    List<JsonNode> stream(String path, String body) throws Exception {
        List<String> events =
                post(path, body).body().lines().filter(line -> line.startsWith("data: ")).toList();
        if (events.isEmpty() || !events.getLast().equals("data: [DONE]")) {
            throw new AssertionError(events);
        }
        return events.subList(0, events.size() - 1).stream()
                .map(event -> JSON.readTree(event.substring("data: ".length())))
                .toList();
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        server.close();
        model.model().close();
        model.tokenizer().close();
    }
}
