package dev.tailor.torch;

import java.util.List;

/// Refinements of a low-rank adapter, each on its own or together.
///
/// @param dora whether a magnitude for each output is learnt beside the direction (DoRA, Liu et al.
///   2024, arXiv 2402.09353)
/// @param learningRateRatio how many times faster B learns than A, at least 1 (LoRA+, Hayou et al.
///   2024, arXiv 2402.12354)
/// @param modulesToSave modules that learn in full beside the adapter: those whose name ends with
///   one of these, such as `embed_tokens`, `lm_head`, `norm`, as in PEFT
public record LoraVariant(
        boolean dora, LoraStart start, double learningRateRatio, List<String> modulesToSave) {
    /// LoRA as it was published.
    public static final LoraVariant PLAIN = new LoraVariant(false, LoraStart.ZERO, 1, List.of());

    /// Checks the ranges.
    public LoraVariant {
        if (!(learningRateRatio >= 1) || Double.isInfinite(learningRateRatio)) {
            throw new IllegalArgumentException(
                    "the ratio of learning rates must be at least 1, not " + learningRateRatio);
        }
        modulesToSave = List.copyOf(modulesToSave);
    }

    /// DoRA, otherwise plain.
    public static LoraVariant weightDecomposed() {
        return new LoraVariant(true, LoraStart.ZERO, 1, List.of());
    }

    /// Whether a module learns in full.
    public boolean saves(String module) {
        return modulesToSave.stream().anyMatch(module::endsWith);
    }
}
