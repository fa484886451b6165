package dev.tailor.train.internal.batch;

import dev.tailor.core.Seed;
import dev.tailor.train.Refinements.Order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// The order of the rows in every epoch, a function of the seed.
///
/// @param length the positions of a row
public record EpochOrder(Order order, IntUnaryOperator length, Seed seed) {
    /// Steps among which rows of similar length are looked for.
    private static final int STEPS_TOGETHER = 50;

    /// Rows in the order of an epoch; `perStep` of them make a step.
    int[] of(long epoch, int rows, int perStep) {
        int[] shuffled = new int[rows];
        Arrays.setAll(shuffled, i -> i);
        seed.of("data order", epoch).generator().shuffle(shuffled);
        return switch (order) {
            case SHUFFLED -> shuffled;
            case SHORT_FIRST -> epoch == 0 ? sorted(shuffled, Comparator.naturalOrder()) : shuffled;
            case LENGTH_GROUPED -> grouped(shuffled, perStep, epoch);
        };
    }

    /// By length; rows of equal length stay in their order.
    private int[] sorted(int[] rows, Comparator<Integer> direction) {
        return Arrays.stream(rows)
                .boxed()
                .sorted(Comparator.comparing(length::applyAsInt, direction))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// Sorts many steps' rows by length, cuts them into steps again and shuffles the steps, so that
    /// neither which rows meet nor when follows from their lengths alone. An incomplete step stays
    /// the last one.
    private int[] grouped(int[] shuffled, int perStep, long epoch) {
        List<int[]> steps = new ArrayList<>();
        int together = STEPS_TOGETHER * perStep;
        for (int from = 0; from < shuffled.length; from += together) {
            int end = Math.min(shuffled.length, from + together);
            int[] rows = sorted(Arrays.copyOfRange(shuffled, from, end), Comparator.reverseOrder());
            for (int at = 0; at < rows.length; at += perStep) {
                steps.add(Arrays.copyOfRange(rows, at, Math.min(rows.length, at + perStep)));
            }
        }
        int whole = shuffled.length / perStep;
        int[] places = new int[whole];
        Arrays.setAll(places, i -> i);
        seed.of("step order", epoch).generator().shuffle(places);
        List<int[]> ordered = new ArrayList<>();
        Arrays.stream(places).forEach(place -> ordered.add(steps.get(place)));
        ordered.addAll(steps.subList(whole, steps.size()));
        return ordered.stream().flatMapToInt(Arrays::stream).toArray();
    }
}
