package dev.tailor.torch.internal.optimiser;

/// One update.
///
/// @param number counts from 1
/// @param gradientScale what gradients are multiplied by
public record Step(long number, double learningRate, double gradientScale) {
    /// The same update at a multiple of the learning rate.
    public Step faster(double factor) {
        return factor == 1 ? this : new Step(number, learningRate * factor, gradientScale);
    }

    /// What weights are multiplied by before the update, for decoupled weight decay.
    float shrink(double weightDecay) {
        return (float) (1 - learningRate * weightDecay);
    }
}
