package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Dispatch;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.Map;

/// What AdamW remembers of one parameter beside it on a card: the value and both moving averages,
/// float32. libtorch applies the rule of [dev.tailor.torch.internal.kernels.AdamWUpdate] in one
/// pass.
final class CardMoments extends ParameterState {
    private final AdamWSettings settings;
    private final double decay;
    private final Tensor first;
    private final Tensor second;

    CardMoments(Parameter parameter, AdamWSettings settings) {
        super(parameter, Place.BESIDE);
        this.settings = settings;
        this.decay = decay(parameter, settings);
        this.first = keep(() -> torch.zeros_like(value()));
        this.second = keep(() -> torch.zeros_like(value()));
    }

    private static final class Calls {
        static final Dispatch ADAMW = Dispatch.operator("aten::_fused_adamw_");
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of("first", first, "second", second);
    }

    @Override
    void update(Tensor gradient, Step step) {
        Tensor precise = Tensors.cast(gradient, ScalarType.Float);
        Tensor scaled =
                step.gradientScale() == 1
                        ? precise
                        : torch.mul(precise, new Scalar(step.gradientScale()));
        Tensor number = Tensors.floats(new float[] {step.number()}, 1);
        Calls.ADAMW.call(
                Dispatch.list(List.of(value())),
                Dispatch.list(List.of(scaled)),
                Dispatch.list(List.of(first)),
                Dispatch.list(List.of(second)),
                Dispatch.list(List.of()),
                Dispatch.list(List.of(number)),
                new IValue(step.learningRate()),
                new IValue(settings.beta1()),
                new IValue(settings.beta2()),
                new IValue(decay),
                new IValue(settings.epsilon()),
                new IValue(false),
                new IValue(false),
                new IValue(),
                new IValue());
    }
}
