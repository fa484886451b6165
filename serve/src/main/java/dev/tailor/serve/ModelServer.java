package dev.tailor.serve;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.serve.internal.http.Routes;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;

import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A server that speaks OpenAI's protocol for one model and its adapters.
public final class ModelServer implements AutoCloseable {
    /// A client that sends nothing for so long in the middle of a request is gone.
    private static final Duration READ_PATIENCE = Duration.ofSeconds(30);

    private static final Duration IDLE_PATIENCE = Duration.ofMinutes(5);
    private static final int MAX_CONNECTIONS = 2048;

    /// The web server's notes are of no use to anybody here. Kept, as loggers are forgotten.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private final Routes routes;
    private final WebServer server;

    private ModelServer(Routes routes, WebServer server) {
        this.routes = routes;
        this.server = server;
    }

    /// Starts a server; it listens when this returns.
    ///
    /// @throws TailorException DEVICE_UNAVAILABLE when it cannot listen there
    public static ModelServer start(ServedModel model, ServerSettings settings) {
        HELIDON.setLevel(Level.OFF);
        Routes routes = Routes.start(model, settings);
        try {
            WebServer server =
                    WebServer.builder()
                            .host(settings.host())
                            .port(settings.port())
                            .shutdownHook(false)
                            .maxTcpConnections(MAX_CONNECTIONS)
                            .idleConnectionTimeout(IDLE_PATIENCE)
                            .connectionOptions(
                                    SocketOptions.builder().readTimeout(READ_PATIENCE).build())
                            .routing(routes::register)
                            .build()
                            .start();
            return new ModelServer(routes, server);
        } catch (RuntimeException e) {
            routes.engine().close();
            throw TailorException.of(
                            ErrorCode.DEVICE_UNAVAILABLE,
                            "cannot listen at %s:%d".formatted(settings.host(), settings.port()))
                    .remedy("choose another --port or --host; perhaps a server runs there already")
                    .causedBy(e);
        }
    }

    /// The port it listens at.
    public int port() {
        return server.port();
    }

    /// Takes no new requests, and waits until those that are being answered are, at most so many
    /// seconds; whether all were.
    public boolean drain(long seconds) throws InterruptedException {
        routes.drain();
        return routes.engine().awaitIdle(seconds);
    }

    /// Stops listening and computing; what is being answered is cut off.
    @Override
    public void close() {
        routes.engine().close();
        server.stop();
    }
}
