package dev.tailor.serve.internal.http;

/// The client has closed its connection, or stopped in the middle of its request.
final class ClientLeftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClientLeftException(Throwable cause) {
        super("the client has left", cause);
    }
}
