package dev.tailor.train.internal.loop;

import dev.tailor.torch.Torch;

/// Keeps resident memory flat where the lengths of batches change.
///
/// Blocks of ever other sizes leave gaps in glibc's arenas, which grow for several hundred steps
/// although the bytes in use stay the same. When a step ends with much more memory resident than
/// steps need, the pages in those gaps go back to the system. What steps need is what is resident
/// after the first ones, and after each one that began without gaps.
public final class SlackMemory {
    /// Steps that show what is needed.
    private static final int FIRST_STEPS = 3;

    private long steps;
    private long needed;
    private boolean wasReleased;

    /// How many bytes may be resident beyond what steps need.
    public static long allowance(long needed) {
        return needed / 4;
    }

    /// Takes note of the bytes resident after a step.
    void afterStep(long resident) {
        steps++;
        if (steps <= FIRST_STEPS || wasReleased) {
            needed = Math.max(needed, resident);
            wasReleased = false;
        } else if (resident > needed + allowance(needed)) {
            Torch.releaseFreeMemory();
            wasReleased = true;
        }
    }
}
