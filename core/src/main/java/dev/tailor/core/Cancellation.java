package dev.tailor.core;

import java.util.concurrent.CountDownLatch;

/// Asks long work to stop at its next safe point (Ctrl-C, a spent time budget). Safe for use by
/// several threads.
public final class Cancellation {
    private final CountDownLatch asked = new CountDownLatch(1);

    /// Work that nobody will cancel.
    public static Cancellation never() {
        return new Cancellation();
    }

    /// Asks the work to stop.
    public void request() {
        asked.countDown();
    }

    /// Whether somebody asked the work to stop.
    public boolean isRequested() {
        return asked.getCount() == 0;
    }

    /// Waits until somebody asks the work to stop.
    public void await() throws InterruptedException {
        asked.await();
    }

    /// Ends the work here if somebody asked for it.
    public void check() {
        if (isRequested()) {
            throw TailorException.of(ErrorCode.INTERRUPTED, "stopped on request")
                    .remedy("run the same command again to continue where it stopped");
        }
    }
}
