package dev.tailor.train.internal.loop;

/// The step whose held-out loss was the lowest so far.
///
/// @param step 0 while nothing was measured after a step
/// @param loss its loss, [Double#MAX_VALUE] while there is none
/// @param since measurements since then
record BestStep(int step, double loss, int since) {
    static final BestStep NONE = new BestStep(0, Double.MAX_VALUE, 0);

    /// What it is after another measurement; a loss that is no number is never the best.
    BestStep after(int measured, double measuredLoss) {
        return measuredLoss < loss
                ? new BestStep(measured, measuredLoss, 0)
                : new BestStep(step, loss, since + 1);
    }

    /// Whether there is one.
    boolean exists() {
        return step > 0;
    }
}
