package dev.tailor.torch;

import dev.tailor.core.Seed;

import java.util.List;
import java.util.Set;

/// Generates text with a key-value cache, many prompts at once. Each prompt's result is the same as
/// if it were alone (up to rounding) and depends on the seed and its index, not on the number of
/// threads.
public final class Generator {
    private final CausalModel model;

    /// Generates with this model and its adapter, if it has one that is enabled.
    public Generator(CausalModel model) {
        this.model = model;
    }

    /// Continues every prompt (at least one token each) until a stop token, the caller's check or
    /// the limit. Results are in the order of the prompts.
    public List<Generated> generate(
            List<int[]> prompts,
            SamplingSettings settings,
            Set<Integer> stopIds,
            Seed seed,
            StopCheck stop,
            TokenSink sink) {
        throw new UnsupportedOperationException("not there yet " + model);
    }
}
