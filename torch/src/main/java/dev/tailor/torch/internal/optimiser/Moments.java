package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.kernels.RandomRounding;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;

/// What AdamW remembers of one parameter: the two moving averages, in the parameter's own
/// precision. An update uses them before they are rounded to bfloat16, which happens at random
/// ([RandomRounding]).
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
        this.first = keep(() -> Tensors.zeros(parameter.data().scalar_type(), shape()));
        this.second = keep(() -> Tensors.zeros(parameter.data().scalar_type(), shape()));
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
        if (isFloat()) {
            inPlace(gradient, (tile, x, g, m, n) -> rule.apply(x, g, m[0], m[1], n), first, second);
            return;
        }
        int name = parameter().name().hashCode();
        int number = Long.hashCode(step.number());
        inPlace(
                gradient,
                (tile, x, g, m, n) -> {
                    rule.apply(x, g, m[0], m[1], n);
                    RandomRounding.toBfloat16(m[0], n, RandomRounding.key(name, number, tile, 1));
                    RandomRounding.toBfloat16(m[1], n, RandomRounding.key(name, number, tile, 2));
                },
                first,
                second);
    }
}
