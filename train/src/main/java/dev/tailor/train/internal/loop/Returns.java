package dev.tailor.train.internal.loop;

/// How often a run has gone back to an earlier state, and how many steps' data it has skipped.
record Returns(int count, long skippedSteps) {
    static final Returns NONE = new Returns(0, 0);

    /// After going back from the state after `steps` steps, whose next one was bad, to that after
    /// `target` steps.
    Returns another(int steps, int target) {
        return new Returns(count + 1, skippedSteps + steps - target + 1);
    }
}
