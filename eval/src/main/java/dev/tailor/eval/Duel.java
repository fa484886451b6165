package dev.tailor.eval;

import dev.tailor.eval.statistics.McNemar;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// The items that one model answers better than the other.
///
/// @param wins indices of the items that the second model answers better
/// @param losses indices of those that the first model answers better
/// @param ties the number of the others
/// @param rightOrWrong whether every item's figure is 0 or 1
public record Duel(List<Integer> wins, List<Integer> losses, int ties, boolean rightOrWrong) {
    /// A duel by one figure per item.
    static Duel of(double[] first, double[] second, boolean higherIsBetter) {
        List<Integer> wins = new ArrayList<>();
        List<Integer> losses = new ArrayList<>();
        boolean rightOrWrong = true;
        for (int i = 0; i < first.length; i++) {
            rightOrWrong &= isRightOrWrong(first[i]) && isRightOrWrong(second[i]);
            if (first[i] != second[i]) {
                (second[i] > first[i] == higherIsBetter ? wins : losses).add(i);
            }
        }
        return new Duel(wins, losses, first.length - wins.size() - losses.size(), rightOrWrong);
    }

    private static boolean isRightOrWrong(double value) {
        return value == 0 || value == 1;
    }

    /// The p-value of McNemar's exact test, for answers that are right or wrong.
    public OptionalDouble mcNemar() {
        return rightOrWrong
                ? OptionalDouble.of(new McNemar(wins.size(), losses.size()).pValue())
                : OptionalDouble.empty();
    }
}
