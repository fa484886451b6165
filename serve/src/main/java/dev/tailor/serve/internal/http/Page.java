package dev.tailor.serve.internal.http;

import dev.tailor.serve.internal.api.ApiException;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// The chat page: a document, a style sheet and JavaScript modules. It fetches nothing from
/// elsewhere, and browsers are told to see to that.
final class Page {
    private static final String INDEX = "index.html";
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES =
            Map.of("html", "text/html", "css", "text/css", "js", "text/javascript");
    private static final Map<String, String> PARTS =
            read(
                    INDEX,
                    "style.css",
                    "main.js",
                    "server.js",
                    "settings.js",
                    "conversation.js",
                    "turns.js",
                    "tokens.js",
                    "dom.js");

    private Page() {}

    static void index(ServerRequest request, ServerResponse response) {
        send(response, INDEX);
    }

    static void part(ServerRequest request, ServerResponse response) {
        send(response, request.path().pathParameters().get("name"));
    }

    private static void send(ServerResponse response, String name) {
        String text = PARTS.get(name);
        if (text == null) {
            throw ApiException.of(404, "not_found", "the page has no such part");
        }
        response.header(HeaderNames.create("Content-Security-Policy"), POLICY);
        response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        Replies.text(response, type + "; charset=utf-8", text);
    }

    private static Map<String, String> read(String... names) {
        Map<String, String> parts = new TreeMap<>();
        for (String name : names) {
            try (InputStream part = Page.class.getResourceAsStream("page/" + name)) {
                if (part == null) {
                    throw new IllegalStateException(name + " is missing from the jar");
                }
                parts.put(name, new String(part.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return parts;
    }
}
