package dev.tailor.eval.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Holm's correction for several comparisons (Holm 1979): among `m` true null hypotheses, the
/// chance to find even one significant stays below the level.
public final class Holm {
    private Holm() {}

    /// The adjusted p-values, in the order given.
    public static double[] adjusted(double[] pValues) {
        int m = pValues.length;
        List<Integer> order =
                IntStream.range(0, m)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> pValues[i]))
                        .toList();
        double[] adjusted = new double[m];
        double largest = 0;
        for (int rank = 0; rank < m; rank++) {
            int i = order.get(rank);
            largest = Math.max(largest, Math.min(1, (m - rank) * pValues[i]));
            adjusted[i] = largest;
        }
        return adjusted;
    }
}
