package dev.tailor.train.internal.loop;

import dev.tailor.core.Digest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// How far a run has come.
final class Progress {
    private double[] losses;
    private int steps;
    private long positions;
    private double seconds;
    private final Map<String, Double> before;
    private BestStep best;
    private Returns returns;

    /// A run that begins.
    Progress() {
        this(new double[0], 0, 0, Map.of(), BestStep.NONE, Returns.NONE);
    }

    /// A run that continues.
    Progress(
            double[] losses,
            long positions,
            double seconds,
            Map<String, Double> before,
            BestStep best,
            Returns returns) {
        this.losses = losses;
        this.steps = losses.length;
        this.positions = positions;
        this.seconds = seconds;
        this.before = new TreeMap<>(before);
        this.best = best;
        this.returns = returns;
    }

    /// One step is done.
    void advance(double loss, long read, double took) {
        if (steps == losses.length) {
            losses = Arrays.copyOf(losses, Math.max(64, 2 * steps));
        }
        losses[steps++] = loss;
        positions += read;
        seconds += took;
    }

    /// Steps done.
    int steps() {
        return steps;
    }

    /// Positions read.
    long positions() {
        return positions;
    }

    /// Seconds spent in steps.
    double seconds() {
        return seconds;
    }

    /// Held-out measurements before the first step; filled in by whoever measures.
    Map<String, Double> before() {
        return before;
    }

    /// Goes back to an earlier state; the time spent since counts, what was read does not.
    void goBackTo(Progress earlier, Returns counted) {
        losses = earlier.losses.clone();
        steps = earlier.steps;
        positions = earlier.positions;
        best = earlier.best;
        returns = counted;
    }

    /// How often this run went back.
    Returns returns() {
        return returns;
    }

    /// The loss of every step.
    double[] lossValues() {
        return Arrays.copyOf(losses, steps);
    }

    /// The best step so far.
    BestStep best() {
        return best;
    }

    /// Takes note of the held-out loss after the last step; returns whether it is the best.
    boolean measured(double loss) {
        best = best.after(steps, loss);
        return best.step() == steps;
    }

    /// The loss of every step, 8 bytes each, little endian.
    byte[] losses() {
        ByteBuffer bytes = ByteBuffer.allocate(steps * Double.BYTES);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(losses, 0, steps);
        return bytes.array();
    }

    /// A digest of the loss of every step, bit for bit.
    String lossDigest() {
        return Digest.ofString(HexFormat.of().formatHex(losses()));
    }

    /// The mean loss of the last tenth of the steps, at least one.
    double recentLoss() {
        int from = steps - Math.max(1, steps / 10);
        return Arrays.stream(losses, Math.max(0, from), steps).average().orElse(Double.NaN);
    }
}
