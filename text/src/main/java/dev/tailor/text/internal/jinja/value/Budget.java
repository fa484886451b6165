package dev.tailor.text.internal.jinja.value;

/// What one rendering may spend. A chat needs a few thousand steps; the bounds only stop templates
/// that would never end or fill the memory. Used by one thread.
public final class Budget {
    /// Steps of evaluation.
    private static final long MAX_STEPS = 5_000_000;

    /// Characters of one text, the output included.
    private static final int MAX_CHARACTERS = 32 << 20;

    /// Characters copied in total.
    private static final long MAX_COPIED = 1L << 30;

    /// Calls and nested values within each other.
    private static final int MAX_DEPTH = 200;

    private long steps;
    private long copied;
    private int depth;

    /// Spends one step.
    public void step() {
        spend(1);
    }

    /// Spends steps, one for each element that is made or looked at.
    public void spend(long count) {
        steps += count;
        if (steps > MAX_STEPS) {
            throw Refusal.limit("more than " + MAX_STEPS + " steps");
        }
    }

    /// Notes that a text now has `length` characters, of which `added` are new.
    public void grow(long length, long added) {
        copied += added;
        if (length > MAX_CHARACTERS || copied > MAX_COPIED) {
            throw Refusal.limit("a text of more than " + MAX_CHARACTERS + " characters");
        }
    }

    /// Goes one level deeper; [#leave] goes back.
    public void enter() {
        step();
        if (++depth > MAX_DEPTH) {
            throw Refusal.limit("more than " + MAX_DEPTH + " levels within each other");
        }
    }

    /// Comes back from one level.
    public void leave() {
        depth--;
    }
}
