package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.eval.statistics.SequentialTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Evaluates two models on as many items of a task as it takes to tell them apart, in random order.
/// Looking again after every batch is allowed: see [SequentialTest].
public final class UntilSignificant {
    private static final int BATCH = 32;

    private UntilSignificant() {}

    /// What came of it.
    ///
    /// @param metric the metric that decides: the task's first one
    /// @param first what the first model reached on the items that were looked at
    /// @param second what the second one reached on them
    /// @param items how many these are
    /// @param pValue valid although it was looked at again and again
    /// @param decided whether the models differ at the level of [PairedComparison#LEVEL]
    public record Outcome(
            String metric,
            TaskResult first,
            TaskResult second,
            int items,
            double pValue,
            boolean decided) {}

    /// Evaluates until the difference is decided or the task is at its end.
    ///
    /// @throws TailorException DATA_INVALID for a task whose first metric is no mean of figures
    ///   from 0 to 1, one for each item
    public static Outcome evaluate(
            Task task, LanguageModel first, LanguageModel second, Seed seed, Task.Watch watch) {
        RememberingModel one = new RememberingModel(first);
        RememberingModel other = new RememberingModel(second);
        Task.Watch quiet =
                new Task.Watch(watch.stage(), Event.Listener.none(), watch.cancellation());
        int[] order = IntStream.range(0, task.size()).toArray();
        seed.of("until-significant").generator().shuffle(order);
        SequentialTest test = new SequentialTest(PairedComparison.LEVEL);
        String metric = "";
        watch.listener().on(new Event.StageStarted(watch.stage(), task.name(), order.length));
        int seen = 0;
        while (seen < order.length && !test.isDecided()) {
            int to = Math.min(seen + BATCH, order.length);
            Task part = task.rows(boxed(order, seen, to));
            TaskResult before = part.evaluate(one, quiet);
            TaskResult after = part.evaluate(other, quiet);
            metric = before.metrics().getFirst().name();
            for (int i = 0; i < to - seen; i++) {
                test.add(
                        value(after, i, metric, task.name())
                                - value(before, i, metric, task.name()));
            }
            seen = to;
            watch.listener().on(new Event.Step(watch.stage(), seen, order.length, Map.of()));
        }
        int[] looked = Arrays.copyOf(order, seen);
        Arrays.sort(looked);
        Task all = task.rows(boxed(looked, 0, seen));
        return new Outcome(
                metric,
                all.evaluate(one, quiet),
                all.evaluate(other, quiet),
                seen,
                test.pValue(),
                test.isDecided());
    }

    private static double value(TaskResult result, int item, String metric, String task) {
        Double value = result.samples().get(item).values().get(metric);
        if (value == null || !(value >= 0 && value <= 1)) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "'" + task + "." + metric + "' has no figure from 0 to 1 for each item")
                    .remedy("evaluate this task without --until-significant");
        }
        return value;
    }

    private static List<Integer> boxed(int[] rows, int from, int to) {
        List<Integer> list = new ArrayList<>();
        for (int i = from; i < to; i++) {
            list.add(rows[i]);
        }
        return list;
    }
}
