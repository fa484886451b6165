package dev.tailor.serve;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A headless Chromium with one page, driven by the DevTools protocol.
final class Browser implements AutoCloseable {
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String LISTENING = "DevTools listening on ws://";
    private static final Map<String, Integer> KEYS =
            Map.of(
                    "Enter",
                    13,
                    "Escape",
                    27,
                    "Tab",
                    9,
                    "ArrowLeft",
                    37,
                    "ArrowUp",
                    38,
                    "ArrowRight",
                    39,
                    "ArrowDown",
                    40);

    private final Process process;
    private final HttpClient client;
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();

    private Browser(Process process, HttpClient client, URI page) {
        this.process = process;
        this.client = client;
        this.socket = client.newWebSocketBuilder().buildAsync(page, new Listener()).join();
    }

    /// The browser of this machine, if it has one.
    static Optional<Path> installed() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start(Path program, Path profile) throws Exception {
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                "about:blank")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        BufferedReader said = process.errorReader();
        String line = said.readLine();
        while (line != null && !line.startsWith(LISTENING)) {
            line = said.readLine();
        }
        if (line == null) {
            throw new IOException("the browser did not start: " + process.waitFor());
        }
        Thread.ofVirtual().start(() -> drain(said));
        String host = line.substring(LISTENING.length(), line.indexOf('/', LISTENING.length()));
        HttpClient client = HttpClient.newHttpClient();
        return new Browser(process, client, page(client, host));
    }

    /// A browser whose complaints nobody reads would stop at some point.
    private static void drain(BufferedReader said) {
        try (said) {
            said.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // It has ended.
        }
    }

    private static URI page(HttpClient client, String host) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + host + "/json/new?about:blank"))
                        .PUT(HttpRequest.BodyPublishers.noBody())
                        .build();
        String target = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return URI.create(JSON.readTree(target).path("webSocketDebuggerUrl").stringValue());
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonNode message = JSON.readTree(text.toString());
                text.setLength(0);
                CompletableFuture<JsonNode> answer = waiting.remove(message.path("id").asInt(-1));
                if (answer != null) {
                    answer.complete(message);
                }
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    /// Sends a command and waits for its answer.
    JsonNode command(String method, Map<String, ?> parameters) throws Exception {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        socket.sendText(message.toString(), true).join();
        JsonNode reply = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (reply.has("error")) {
            throw new AssertionError(method + ": " + reply.path("error"));
        }
        return reply.path("result");
    }

    void open(String address) throws Exception {
        command("Page.navigate", Map.of("url", address));
        await("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// The value of an expression on the page.
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result =
                command(
                        "Runtime.evaluate",
                        Map.of(
                                "expression", expression,
                                "returnByValue", true,
                                "awaitPromise", true,
                                "userGesture", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /// What an expression says, as a text.
    String text(String expression) throws Exception {
        return evaluate("String(" + expression + ")").stringValue();
    }

    /// Waits until a condition on the page holds.
    void await(String condition) throws Exception {
        evaluate(
                """
                new Promise((done, failed) => {
                  const end = Date.now() + %d;
                  const look = () => {
                    if (%s) done(true);
                    else if (Date.now() > end) failed(new Error(document.body.innerText.slice(0, 2000)));
                    else setTimeout(look, 20);
                  };
                  look();
                })\
                """
                        .formatted(PATIENCE.toMillis() / 2, condition));
    }

    /// Types into what has the focus.
    void type(String text) throws Exception {
        command("Input.insertText", Map.of("text", text));
    }

    /// Presses a key.
    ///
    /// @param modifiers 1 Alt, 2 Control, 8 Shift
    void press(String key, int modifiers) throws Exception {
        Map<String, Object> event =
                Map.of(
                        "type",
                        "keyDown",
                        "key",
                        key,
                        "code",
                        key,
                        "windowsVirtualKeyCode",
                        KEYS.get(key),
                        "modifiers",
                        modifiers,
                        "text",
                        key.equals("Enter") ? "\r" : "");
        command("Input.dispatchKeyEvent", event);
        command(
                "Input.dispatchKeyEvent",
                Map.of("type", "keyUp", "key", key, "code", key, "modifiers", modifiers));
    }

    void press(String key) throws Exception {
        press(key, 0);
    }

    /// Clicks the first element of a CSS selector.
    void click(String selector) throws Exception {
        evaluate("document.querySelector(`" + selector + "`).click()");
    }

    void size(int width, int height) throws Exception {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /// What the visitor's system prefers.
    void prefer(String scheme) throws Exception {
        command(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void screenshot(Path file) throws Exception {
        String data =
                command("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .stringValue();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() {
        socket.abort();
        client.close();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
