package dev.tailor.serve.internal.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Server-sent events. Every event leaves at once; a client that has left is noticed when the next
/// one is written.
final class EventStream implements AutoCloseable {
    private final OutputStream out;

    EventStream(ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        out = response.outputStream();
    }

    void send(ObjectNode event) {
        write("data: " + event + "\n\n");
    }

    /// The end of the stream, as OpenAI marks it.
    void done() {
        write("data: [DONE]\n\n");
    }

    /// A comment, which clients pass over: it keeps the connection open, and shows whether it is.
    void keepAlive() {
        write(": waiting\n\n");
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException | RuntimeException e) {
            // The web server has exceptions of its own for closed connections.
            throw new ClientLeftException(e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException | RuntimeException e) {
            // The web server has exceptions of its own for closed connections.
            throw new ClientLeftException(e);
        }
    }
}
