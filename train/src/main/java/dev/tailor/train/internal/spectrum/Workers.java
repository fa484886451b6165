package dev.tailor.train.internal.spectrum;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.function.IntToDoubleFunction;

/// Independent measurements on all processors; reports and stops on the thread that asked for them.
public final class Workers {
    private Workers() {}

    /// The results of `task` for 0 to `count - 1`. `progress` hears how many are done.
    public static double[] measure(
            int count, IntToDoubleFunction task, IntConsumer progress, Cancellation cancellation) {
        double[] results = new double[count];
        AtomicBoolean stopped = new AtomicBoolean();
        int threads = Math.min(Math.max(1, count), Runtime.getRuntime().availableProcessors());
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            try {
                ExecutorCompletionService<Integer> done = new ExecutorCompletionService<>(pool);
                for (int i = 0; i < count; i++) {
                    int index = i;
                    done.submit(
                            () -> {
                                if (!stopped.get()) {
                                    results[index] = task.applyAsDouble(index);
                                }
                            },
                            index);
                }
                await(done, count, progress, cancellation);
            } finally {
                stopped.set(true);
            }
        }
        return results;
    }

    private static void await(
            ExecutorCompletionService<Integer> done,
            int count,
            IntConsumer progress,
            Cancellation cancellation) {
        try {
            for (int finished = 0; finished < count; ) {
                Future<Integer> task = done.poll(200, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.get();
                    progress.accept(++finished);
                }
                cancellation.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TailorException.of(ErrorCode.INTERRUPTED, "stopped on request").causedBy(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        }
    }
}
