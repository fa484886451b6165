package dev.tailor.merge.internal.tile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs numbered pieces of work on a fixed number of threads. Which thread runs which piece is
/// open; whoever needs a deterministic result keeps one result per piece and combines them in
/// order.
public final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;

    /// A piece of work.
    @FunctionalInterface
    public interface Piece {
        /// Runs piece `index` on the thread numbered `worker`, from 0.
        void run(int worker, int index);
    }

    /// Workers on `threads` threads, the caller's included.
    public Workers(int threads) {
        this.threads = threads;
        this.executor =
                Executors.newFixedThreadPool(
                        Math.max(1, threads - 1),
                        Thread.ofPlatform().daemon().name("merge-", 1).factory());
    }

    /// How many threads there are.
    public int threads() {
        return threads;
    }

    /// Runs pieces 0 to `pieces - 1` and waits for them. The first failure is thrown; pieces not
    /// yet begun are then left out.
    public void run(int pieces, Piece piece) {
        AtomicInteger next = new AtomicInteger();
        int helpers = Math.min(threads, pieces) - 1;
        List<Future<?>> running = new ArrayList<>();
        for (int worker = 1; worker <= helpers; worker++) {
            int number = worker;
            running.add(executor.submit(() -> drain(number, pieces, next, piece)));
        }
        try {
            drain(0, pieces, next, piece);
        } finally {
            next.set(pieces);
            await(running);
        }
    }

    private static void drain(int worker, int pieces, AtomicInteger next, Piece piece) {
        for (int index = next.getAndIncrement(); index < pieces; index = next.getAndIncrement()) {
            try {
                piece.run(worker, index);
            } catch (RuntimeException | Error e) {
                next.set(pieces);
                throw e;
            }
        }
    }

    /// Waits for all, whatever happens: the pieces write into buffers that are freed next.
    private static void await(List<Future<?>> running) {
        Optional<Throwable> failure = Optional.empty();
        boolean interrupted = false;
        for (Future<?> future : running) {
            while (!future.isDone()) {
                try {
                    future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    break;
                }
            }
            if (failure.isEmpty() && future.state() == Future.State.FAILED) {
                failure = Optional.of(future.exceptionNow());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure.isPresent()) {
            throw failure.get() instanceof RuntimeException exception
                    ? exception
                    : new IllegalStateException(failure.get());
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
