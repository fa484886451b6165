package dev.tailor.core;

/// Asks long work to stop at its next safe point (Ctrl-C, a spent time budget). Safe for use by
/// several threads.
public final class Cancellation {
    private volatile boolean requested;

    /// Work that nobody will cancel.
    public static Cancellation never() {
        return new Cancellation();
    }

    /// Asks the work to stop.
    public void request() {
        requested = true;
    }

    /// Whether somebody asked the work to stop.
    public boolean isRequested() {
        return requested;
    }

    /// Ends the work here if somebody asked for it.
    public void check() {
        if (requested) {
            throw TailorException.of(ErrorCode.INTERRUPTED, "stopped on request")
                    .remedy("run the same command again to continue where it stopped");
        }
    }
}
