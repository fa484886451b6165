package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/// Schedule-free AdamW (Defazio et al. 2024, algorithm 1): gradients are taken at `y = (1 - β₁) z +
/// β₁ x`, `z` is the fast sequence and `x` the average of it, in which step t weighs as much as the
/// square of the largest learning rate so far. `y` is the value that learns, `x` the result. Each
/// is kept as it is computed, so that showing one and going back loses nothing.
final class ScheduleFreeState extends ParameterState {
    private final AdamWSettings settings;
    private final double decay;
    private final Tensor fast;
    private final Tensor average;
    private final Tensor second;

    /// The largest learning rate so far, and the sum of all weights so far (float64).
    private final Tensor weights;

    ScheduleFreeState(Parameter parameter, AdamWSettings settings) {
        super(parameter);
        this.settings = settings;
        this.decay = decay(parameter, settings);
        this.fast = keepValue();
        this.average = keepValue();
        this.second = keepZeros();
        this.weights = keep(() -> Tensors.zeros(ScalarType.Double, 2));
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("fast", fast, "average", average, "second", second, "weights", weights);
    }

    @Override
    void update(Tensor gradient, Step step) {
        float share = (float) shareOfStep(step.learningRate());
        float beta1 = (float) settings.beta1();
        float beta2 = (float) settings.beta2();
        float epsilon = (float) settings.epsilon();
        float correction = (float) Math.sqrt(1 - Math.pow(settings.beta2(), step.number()));
        float rate = (float) step.learningRate();
        float scale = (float) step.gradientScale();
        float lambda = (float) decay;
        inPlace(
                gradient,
                (tile, y, gradients, memories, n) -> {
                    float[] z = memories[0];
                    float[] x = memories[1];
                    float[] v = memories[2];
                    for (int i = 0; i < n; i++) {
                        float g = gradients[i] * scale;
                        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                        float root = (float) Math.sqrt(v[i]) / correction + epsilon;
                        z[i] -= rate * (g / root + lambda * y[i]);
                        x[i] = (1 - share) * x[i] + share * z[i];
                        y[i] = (1 - beta1) * z[i] + beta1 * x[i];
                    }
                },
                fast,
                average,
                second);
    }

    /// The weight of this step in the average, in [0, 1].
    private double shareOfStep(double learningRate) {
        MemorySegment memory = Tensors.memory(weights);
        double largest = Math.max(learningRate, memory.getAtIndex(ValueLayout.JAVA_DOUBLE, 0));
        double weight = largest * largest;
        double sum = memory.getAtIndex(ValueLayout.JAVA_DOUBLE, 1) + weight;
        memory.setAtIndex(ValueLayout.JAVA_DOUBLE, 0, largest);
        memory.setAtIndex(ValueLayout.JAVA_DOUBLE, 1, sum);
        return sum > 0 ? weight / sum : 0;
    }

    @Override
    void toResult() {
        value().copy_(average);
    }

    /// `y` is computed from its parts as an update does.
    @Override
    void toLearning() {
        float beta1 = (float) settings.beta1();
        inPlace(
                value(),
                (tile, y, ignored, memories, n) -> {
                    for (int i = 0; i < n; i++) {
                        y[i] = (1 - beta1) * memories[0][i] + beta1 * memories[1][i];
                    }
                },
                fast,
                average);
    }
}
