package dev.tailor.torch.internal.optimiser;

/// One update.
///
/// @param number counts from 1
/// @param gradientScale what gradients are multiplied by
public record Step(long number, double learningRate, double gradientScale) {
    /// What weights are multiplied by before the update, for decoupled weight decay.
    float shrink(double weightDecay) {
        return (float) (1 - learningRate * weightDecay);
    }
}
