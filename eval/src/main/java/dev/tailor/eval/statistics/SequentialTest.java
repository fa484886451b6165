package dev.tailor.eval.statistics;

/// Whether two models differ, asked anew after every item. The test may be stopped at any time, for
/// any reason, and its error rate still holds: it is a test by betting (Waudby-Smith and Ramdas,
/// "Estimating means of bounded random variables by betting", 2024).
///
/// For each of several stakes, a gambler bets a share of the fortune on the second model winning
/// the next item, another one on its losing it. If the models are equally good, no fortune can be
/// expected to grow, and by Ville's inequality their mean exceeds `1 / level` with probability
/// `level` at most, however long the game. Items must come in random order.
public final class SequentialTest {
    private static final double[] STAKES = {0.02, 0.05, 0.1, 0.2, 0.4, 0.8};

    private final double level;
    private final double[] logForSecond = new double[STAKES.length];
    private final double[] logForFirst = new double[STAKES.length];
    private int items;
    private double largestEvidence = 1;

    /// A test at a level such as 0.05.
    public SequentialTest(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("the level must lie between 0 and 1: " + level);
        }
        this.level = level;
    }

    /// Takes the next item.
    ///
    /// @param difference the second model's figure minus the first one's, from -1 to 1
    public void add(double difference) {
        if (!(difference >= -1 && difference <= 1)) {
            throw new IllegalArgumentException("differences lie between -1 and 1: " + difference);
        }
        for (int i = 0; i < STAKES.length; i++) {
            logForSecond[i] += Math.log1p(STAKES[i] * difference);
            logForFirst[i] += Math.log1p(-STAKES[i] * difference);
        }
        items++;
        largestEvidence = Math.max(largestEvidence, evidence());
    }

    /// The number of items taken.
    public int items() {
        return items;
    }

    /// How many times over the stakes have grown on average; 1 says nothing.
    public double evidence() {
        double sum = 0;
        for (int i = 0; i < STAKES.length; i++) {
            sum += Math.exp(logForSecond[i]) + Math.exp(logForFirst[i]);
        }
        return sum / (2 * STAKES.length);
    }

    /// A p-value that holds at any time: the inverse of the largest evidence so far.
    public double pValue() {
        return 1 / largestEvidence;
    }

    /// Whether the models differ, at the level.
    public boolean isDecided() {
        return pValue() <= level;
    }
}
