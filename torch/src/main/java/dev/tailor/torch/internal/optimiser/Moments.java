package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.Map;

/// What AdamW remembers of one parameter: the two moving averages.
final class Moments extends ParameterState {
    private final AdamWSettings settings;
    private final double decay;
    private final Tensor first;
    private final Tensor second;

    /// Zero averages for a parameter.
    Moments(Parameter parameter, AdamWSettings settings) {
        super(parameter);
        this.settings = settings;
        this.decay = decay(parameter, settings);
        this.first = keep(() -> torch.zeros_like(master()));
        this.second = keep(() -> torch.zeros_like(master()));
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("first", first, "second", second);
    }

    @Override
    void update(Tensor gradient, Step step) {
        AdamWUpdate rule =
                AdamWUpdate.of(
                        settings, step.number(), step.learningRate(), decay, step.gradientScale());
        inPlace(gradient, (x, g, m, n) -> rule.apply(x, g, m[0], m[1], n), first, second);
    }
}
