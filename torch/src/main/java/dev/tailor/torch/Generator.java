package dev.tailor.torch;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.internal.generate.Generation;

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
        for (int[] prompt : prompts) {
            if (prompt.length == 0) {
                throw TailorException.of(
                                ErrorCode.DATA_INVALID, "nothing to continue: a prompt is empty")
                        .remedy("give every prompt at least one token, such as the bos token");
            }
            for (int token : prompt) {
                if (token < 0 || token >= model.config().vocabularySize()) {
                    throw model.unknownToken(token);
                }
            }
        }
        return new Generation(
                        model.decoder(),
                        model.config(),
                        prompts,
                        settings,
                        seed,
                        new Generation.Ending(stopIds, stop, sink))
                .run();
    }
}
