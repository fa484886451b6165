package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.OptimizerSettings.Lion;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;

/// Lion (Chen et al. 2023, algorithm 2): one moving average, and steps along the sign of its
/// mixture with the gradient.
final class LionState extends ParameterState {
    private final Lion settings;
    private final double decay;
    private final Tensor momentum;

    LionState(Parameter parameter, Lion settings) {
        super(parameter);
        this.settings = settings;
        this.decay = parameter.shape().size() > 1 ? settings.weightDecay() : 0;
        this.momentum = keepZeros();
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("momentum", momentum);
    }

    @Override
    void update(Tensor gradient, Step step) {
        float beta1 = (float) settings.beta1();
        float beta2 = (float) settings.beta2();
        float rate = (float) step.learningRate();
        float shrink = step.shrink(decay);
        float scale = (float) step.gradientScale();
        inPlace(
                gradient,
                (tile, x, gradients, memories, n) -> {
                    float[] m = memories[0];
                    for (int i = 0; i < n; i++) {
                        float g = gradients[i] * scale;
                        float direction = Math.signum(beta1 * m[i] + (1 - beta1) * g);
                        x[i] = x[i] * shrink - rate * direction;
                        m[i] = beta2 * m[i] + (1 - beta2) * g;
                    }
                },
                momentum);
    }
}
