package dev.tailor.serve.internal.http;

import dev.tailor.core.TailorException;
import dev.tailor.serve.internal.api.ApiException;
import dev.tailor.serve.internal.engine.EngineBusyException;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;

/// What goes back to clients besides streams.
final class Replies {
    /// What a client that was refused for lack of room should wait.
    private static final String RETRY_SECONDS = "1";

    private Replies() {}

    static void send(ServerResponse response, int status, JsonNode json) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(json.toString().getBytes(StandardCharsets.UTF_8));
    }

    static void text(ServerResponse response, String type, String text) {
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Tells a client why its request failed; nothing where an answer has begun.
    static void fail(ServerResponse response, Throwable failure) {
        ApiException told = told(failure);
        if (response.isSent()) {
            return;
        }
        if (told.status() == 429 || told.status() == 503) {
            response.header(HeaderNames.RETRY_AFTER, RETRY_SECONDS);
        }
        if (told.status() == 401) {
            response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        send(response, told.status(), told.json());
    }

    /// What a client is told of a failure.
    static ApiException told(Throwable failure) {
        return switch (failure) {
            case ApiException told -> told;
            case EngineBusyException busy ->
                    busy.isDraining()
                            ? ApiException.of(503, "shutting_down", message(busy))
                            : ApiException.of(429, "too_many_requests", message(busy));
            case TailorException e -> ApiException.of(500, e.code().name(), e.render());
            default -> ApiException.of(500, "internal_error", "the server failed");
        };
    }

    private static String message(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }
}
