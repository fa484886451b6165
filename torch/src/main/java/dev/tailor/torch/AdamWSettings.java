package dev.tailor.torch;

import java.util.List;

/// Decoupled weight decay (Loshchilov and Hutter 2019). `decayNormsAndBiases` is false in
/// transformers' trainer: only matrices decay.
public record AdamWSettings(
        double beta1, double beta2, double epsilon, double weightDecay, boolean decayNormsAndBiases)
        implements OptimizerSettings {
    /// β 0.9 and 0.999, ε 1e-8, no decay of norms and biases.
    public static AdamWSettings defaults(double weightDecay) {
        return new AdamWSettings(0.9, 0.999, 1e-8, weightDecay, false);
    }

    /// Two moments in the parameter's own number format.
    @Override
    public long stateBytes(String name, List<Long> shape, Precision precision) {
        long values = shape.stream().reduce(1L, Math::multiplyExact);
        return 2 * precision.bytes() * values;
    }
}
