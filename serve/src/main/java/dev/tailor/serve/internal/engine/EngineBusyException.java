package dev.tailor.serve.internal.engine;

/// The engine takes no more work now.
public final class EngineBusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean draining;

    EngineBusyException(boolean draining) {
        super(draining ? "the server is shutting down" : "too many requests are waiting");
        this.draining = draining;
    }

    /// Whether it will not take any later either.
    public boolean isDraining() {
        return draining;
    }
}
