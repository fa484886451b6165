package dev.tailor.eval;

import dev.tailor.core.Event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Walks a task's samples in batches: progress after each, and a place to stop.
final class Batches {
    /// Enough for the model to sort by length, few enough for lively progress.
    private static final int BATCH = 32;

    private final String task;
    private final Task.Watch watch;

    /// Batches of the named task.
    Batches(String task, Task.Watch watch) {
        this.task = task;
        this.watch = watch;
    }

    /// The results of `work` on every item, in order.
    <T, R> List<R> map(List<T> items, Function<List<T>, List<R>> work) {
        watch.listener().on(new Event.StageStarted(watch.stage(), task, items.size()));
        List<R> results = new ArrayList<>(items.size());
        for (int from = 0; from < items.size(); from += BATCH) {
            watch.cancellation().check();
            int to = Math.min(from + BATCH, items.size());
            List<R> batch = work.apply(items.subList(from, to));
            if (batch.size() != to - from) {
                throw new IllegalStateException(
                        "asked for " + (to - from) + " results, received " + batch.size());
            }
            results.addAll(batch);
            watch.listener().on(new Event.Step(watch.stage(), to, items.size(), Map.of()));
        }
        return results;
    }
}
