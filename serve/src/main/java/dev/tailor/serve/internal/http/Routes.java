package dev.tailor.serve.internal.http;

import dev.tailor.serve.ServedModel;
import dev.tailor.serve.ServerSettings;
import dev.tailor.serve.internal.api.ApiException;
import dev.tailor.serve.internal.api.CallReader;
import dev.tailor.serve.internal.api.EmbeddingCall;
import dev.tailor.serve.internal.api.Vote;
import dev.tailor.serve.internal.engine.Engine;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/// What the server answers at which address.
public final class Routes {
    private static final System.Logger LOG = System.getLogger(Routes.class.getName());

    private final ServedModel model;
    private final ServerSettings settings;
    private final Engine engine;
    private final Metrics metrics;
    private final CallReader reader;
    private final Answering answering;
    private final Guard guard;
    private final Optional<VoteFile> votes;
    private final long started = Instant.now().getEpochSecond();
    private volatile boolean draining;

    private Routes(
            ServedModel model,
            ServerSettings settings,
            Optional<VoteFile> votes,
            Engine engine,
            Metrics metrics) {
        this.model = model;
        this.settings = settings;
        this.engine = engine;
        this.metrics = metrics;
        this.reader = new CallReader(model, settings.adapters().keySet(), engine.longestSequence());
        this.answering = new Answering(engine, metrics, model.name());
        this.guard = new Guard(settings.keys(), settings.corsOrigin());
        this.votes = votes;
    }

    /// Starts an engine for a model, and the routes to it.
    ///
    /// @throws dev.tailor.core.TailorException FILE_NOT_FOUND where votes cannot be kept
    public static Routes start(ServedModel model, ServerSettings settings) {
        Optional<VoteFile> votes = settings.votes().map(VoteFile::open);
        Metrics metrics = new Metrics();
        Engine engine = Engine.start(model, settings, metrics);
        metrics.gauge("tailor_queue_sequences", engine::queued);
        metrics.gauge("tailor_running_sequences", engine::active);
        metrics.gauge("tailor_cached_tokens", engine::cachedTokens);
        return new Routes(model, settings, votes, engine, metrics);
    }

    /// The engine behind them.
    public Engine engine() {
        return engine;
    }

    /// Not ready for new requests from now on.
    public void drain() {
        draining = true;
        engine.drain();
    }

    /// Tells a web server what is answered.
    public void register(HttpRouting.Builder routing) {
        routing.post("/v1/chat/completions", keyed("chat", this::chat))
                .post("/v1/completions", keyed("completions", this::completion))
                .post("/v1/embeddings", keyed("embeddings", this::embed))
                .get("/v1/votes", keyed("votes", this::votesKept))
                .post("/v1/votes", keyed("votes", this::vote))
                .get("/", plain("page", Page::index))
                .get("/page/{name}", plain("page", Page::part))
                .post("/tokenize", keyed("tokenize", this::tokenize))
                .get("/v1/models", keyed("models", this::models))
                .get("/v1/models/{name}", keyed("models", this::oneModel))
                .get("/health", plain("health", this::health))
                .get("/ready", plain("ready", this::ready))
                .get("/metrics", plain("metrics", this::metrics))
                .options("/*", plain("options", (request, response) -> response.send()))
                .any(plain("other", Routes::nothing));
    }

    /// Answers one request; what it throws is told to the client.
    private interface Route {
        void answer(ServerRequest request, ServerResponse response) throws InterruptedException;
    }

    private Handler keyed(String name, Route route) {
        return plain(
                name,
                (request, response) -> {
                    guard.requireKey(request);
                    route.answer(request, response);
                });
    }

    private Handler plain(String name, Route route) {
        return (request, response) -> {
            long begun = System.nanoTime();
            try {
                guard.allowOrigin(request, response);
                route.answer(request, response);
            } catch (ClientLeftException e) {
                LOG.log(Level.DEBUG, "a client left", e);
                throw new CloseConnectionException("there is nobody to tell", e);
            } catch (RuntimeException e) {
                if (!(e instanceof ApiException)) {
                    LOG.log(Level.DEBUG, "a request failed", e);
                }
                Replies.fail(response, e);
            } finally {
                metrics.answered(name, response.status().code(), (System.nanoTime() - begun) / 1e9);
            }
        };
    }

    private JsonNode body(ServerRequest request) {
        return JsonBody.read(request, settings.load().bodyBytes());
    }

    private void chat(ServerRequest request, ServerResponse response) throws InterruptedException {
        answering.answer(reader.chat(body(request)), response);
    }

    private void completion(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        answering.answer(reader.completion(body(request)), response);
    }

    private void embed(ServerRequest request, ServerResponse response) throws InterruptedException {
        EmbeddingCall call = reader.embeddings(body(request));
        try {
            List<float[]> means = engine.embed(call.adapter(), call.inputs()).get();
            String name = call.adapter().isEmpty() ? model.name() : call.adapter();
            Replies.send(response, 200, call.answer(name, means));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e);
        }
    }

    private void tokenize(ServerRequest request, ServerResponse response) {
        Replies.send(response, 200, reader.tokens(body(request)).json(engine.longestSequence()));
    }

    private void votesKept(ServerRequest request, ServerResponse response) {
        Replies.send(
                response,
                200,
                JsonNodeFactory.instance.objectNode().put("kept", votes.isPresent()));
    }

    private void vote(ServerRequest request, ServerResponse response) {
        VoteFile file =
                votes.orElseThrow(() ->
                        ApiException.of(
                                404,
                                "votes_not_kept",
                                "this server keeps no votes: it was started without --votes"));
        Vote vote = reader.vote(body(request));
        file.append(vote, Instant.now());
        Replies.send(
                response, 201, JsonNodeFactory.instance.objectNode().put("pair", vote.isPair()));
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(List.of(model.name()));
        names.addAll(settings.adapters().keySet());
        return names;
    }

    private void models(ServerRequest request, ServerResponse response) {
        ObjectNode reply = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = reply.putArray("data");
        names().forEach(name -> data.add(described(name)));
        Replies.send(response, 200, reply);
    }

    private void oneModel(ServerRequest request, ServerResponse response) {
        String name = request.path().pathParameters().get("name");
        reader.adapter(name);
        Replies.send(response, 200, described(name));
    }

    private ObjectNode described(String name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", started)
                .put("owned_by", "tailor")
                .put("max_model_len", engine.longestSequence())
                .put("parent", name.equals(model.name()) ? null : model.name());
    }

    private void health(ServerRequest request, ServerResponse response) {
        if (!engine.isAlive()) {
            throw ApiException.of(503, "engine_dead", "the engine has stopped");
        }
        status(response, "ok");
    }

    private void ready(ServerRequest request, ServerResponse response) {
        if (draining) {
            throw ApiException.of(503, "shutting_down", "the server is shutting down");
        }
        health(request, response);
    }

    private static void status(ServerResponse response, String word) {
        Replies.send(response, 200, JsonNodeFactory.instance.objectNode().put("status", word));
    }

    private void metrics(ServerRequest request, ServerResponse response) {
        Replies.text(response, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
    }

    private static void nothing(ServerRequest request, ServerResponse response) {
        throw ApiException.of(
                404,
                "not_found",
                "there is nothing at "
                        + request.prologue().method().text()
                        + " "
                        + request.path().path());
    }
}
