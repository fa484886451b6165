package dev.tailor.merge.internal.run;

import dev.tailor.tensors.SafetensorsWriter;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Brings the output to the disk while the rest of it is computed, so that forcing it at the end
/// takes no time of its own.
final class Flusher implements AutoCloseable {
    private static final long BYTES_BETWEEN = 256L << 20;

    private final SafetensorsWriter writer;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("merge-flush").factory());
    private Future<?> flushing = CompletableFuture.completedFuture(null);
    private long waiting;

    Flusher(SafetensorsWriter writer) {
        this.writer = writer;
    }

    /// So many more bytes were written.
    void written(long bytes) {
        waiting += bytes;
        if (waiting >= BYTES_BETWEEN && flushing.isDone()) {
            await();
            waiting = 0;
            flushing = thread.submit(writer::flush);
        }
    }

    /// Waits for what is going on, and throws what went wrong.
    void await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    flushing.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof RuntimeException failure
                            ? failure
                            : new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
