package dev.tailor.cli.terminal;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;

import org.jline.utils.Signals;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Ctrl-C and SIGTERM. The first asks the work to stop at its next safe point, and the process ends
/// when it has; a second Ctrl-C ends it at once.
///
/// The process must not run `exit()` while a thread is inside libtorch: C++ destructors would run
/// under it and crash. So termination waits for the working thread.
public final class Interruption {
    /// One training step of a large model can take this long.
    private static final int PATIENCE_SECONDS = 120;

    private final Cancellation cancellation;
    private final PrintStream err;
    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicInteger presses = new AtomicInteger();

    private Interruption(Cancellation cancellation, PrintStream err) {
        this.cancellation = cancellation;
        this.err = err;
    }

    /// Takes over Ctrl-C and SIGTERM for the rest of the process.
    public static Interruption install(Session session) {
        Interruption interruption = new Interruption(session.cancellation(), session.err());
        Signals.register("INT", interruption::pressed);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(interruption::awaitWork, "tailor-shutdown"));
        return interruption;
    }

    /// The working thread has left all native code; the process may end.
    public void workIsDone() {
        finished.countDown();
    }

    private void pressed() {
        if (presses.incrementAndGet() > 1) {
            Libc.exitNow(ErrorCode.INTERRUPTED.exitCode());
        }
        cancellation.request();
        err.println();
        err.println("tailor: stopping at the next safe point; Ctrl-C again ends at once");
    }

    private void awaitWork() {
        cancellation.request();
        try {
            if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                Libc.exitNow(ErrorCode.INTERRUPTED.exitCode());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
