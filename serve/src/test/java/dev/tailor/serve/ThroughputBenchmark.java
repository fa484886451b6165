package dev.tailor.serve;

import dev.tailor.core.Seed;
import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/// Times the same requests one after another and all at once, through HTTP. Not part of the suite;
/// run with `MODEL REQUESTS PROMPT_TOKENS ANSWER_TOKENS THREADS ADAPTERS`. With fresh adapters of
/// rank 16 on every linear layer, a third round spreads the requests over them.
final class ThroughputBenchmark {
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI address;
    private final int promptTokens;
    private final int answerTokens;

    private ThroughputBenchmark(int port, int promptTokens, int answerTokens) {
        this.address = URI.create("http://127.0.0.1:" + port + "/v1/completions");
        this.promptTokens = promptTokens;
        this.answerTokens = answerTokens;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        int requests = Integer.parseInt(arguments[1]);
        Torch.load();
        Torch.threads(Integer.parseInt(arguments[4]));
        Map<String, Path> adapters = new LinkedHashMap<>();
        for (int i = 0; i < Integer.parseInt(arguments[5]); i++) {
            adapters.put("adapter" + i, adapter(directory, i));
        }
        ServerSettings settings =
                new ServerSettings(
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        new ServerSettings.Load(requests, 1024, 65_536, 1 << 20),
                        adapters,
                        Optional.empty());
        try (Tokenizer tokenizer = Tokenizer.load(directory);
                CausalModel model = CausalModel.load(directory, Precision.FLOAT32)) {
            ServedModel served =
                    new ServedModel(
                            "model",
                            model,
                            tokenizer,
                            new ChatEncoder(tokenizer, ChatTemplate.load(directory)),
                            Set.of());
            try (ModelServer server = ModelServer.start(served, settings)) {
                new ThroughputBenchmark(
                                server.port(),
                                Integer.parseInt(arguments[2]),
                                Integer.parseInt(arguments[3]))
                        .run(requests, List.copyOf(adapters.keySet()));
            }
        }
    }

    private static Path adapter(Path directory, int seed) throws IOException {
        Path target = Files.createTempDirectory("adapter");
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32)) {
            model.addAdapter(LoraConfig.of(16, 32), new Seed(seed));
            model.saveAdapter(target);
        }
        return target;
    }

    private void run(int requests, List<String> adapters) throws Exception {
        for (int round = 0; round < 3; round++) {
            int first = round * 3 * requests;
            double alone = sequential(first, requests);
            double together = concurrent(first + requests, requests, List.of("model"));
            System.out.printf(
                    Locale.ROOT,
                    "one after another %.1f tokens/s, %d at once %.1f tokens/s: %.2f times%n",
                    alone,
                    requests,
                    together,
                    together / alone);
            if (!adapters.isEmpty()) {
                double spread = concurrent(first + 2 * requests, requests, adapters);
                System.out.printf(
                        Locale.ROOT,
                        "spread over %d adapters %.1f tokens/s: %.2f of one model's%n",
                        adapters.size(),
                        spread,
                        spread / together);
            }
        }
    }

    private double sequential(int first, int requests) throws Exception {
        long begun = System.nanoTime();
        int tokens = 0;
        for (int i = 0; i < requests; i++) {
            tokens += tokens(send(first + i, "model").get());
        }
        return tokens / ((System.nanoTime() - begun) / 1e9);
    }

    private double concurrent(int first, int requests, List<String> models) throws Exception {
        long begun = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            answers.add(send(first + i, models.get(i % models.size())));
        }
        int tokens = 0;
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            tokens += tokens(answer.get());
        }
        return tokens / ((System.nanoTime() - begun) / 1e9);
    }

    /// Every prompt differs from its first token on, so that none is known from before.
    private CompletableFuture<HttpResponse<String>> send(int number, String model) {
        List<Integer> prompt =
                IntStream.range(0, promptTokens)
                        .map(i -> 300 + (number * 131 + i * (7 + number)) % 3000)
                        .boxed()
                        .toList();
        String body =
                "{\"model\": \"%s\", \"prompt\": %s, \"temperature\": 0, \"max_tokens\": %d}"
                        .formatted(model, prompt, answerTokens);
        return client.sendAsync(
                HttpRequest.newBuilder(address)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static int tokens(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.body());
        }
        return JsonMapper.shared()
                .readTree(response.body())
                .at("/usage/completion_tokens")
                .intValue();
    }
}
