package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Dispatch;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What AdamW remembers of one parameter beside it on a card: the value and both moving averages,
/// float32. libtorch applies the rule of [dev.tailor.torch.internal.kernels.AdamWUpdate] in one
/// pass.
final class CardMoments extends ParameterState {
    /// So many values of gradients are made float32 at a time: a gigabyte.
    private static final long TOGETHER = 1 << 28;

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

    /// What parameters have in common that are updated in one call.
    private record Group(double learningRate, double decay, AdamWSettings settings) {}

    /// Updates those that have a gradient, as many in one call as there may be.
    static void update(List<CardMoments> all, Step step) {
        Map<Group, List<CardMoments>> groups = new LinkedHashMap<>();
        for (CardMoments state : all) {
            if (state.parameter().gradient().isPresent()) {
                Step own = step.faster(state.parameter().learningRateFactor());
                groups.computeIfAbsent(
                                new Group(own.learningRate(), state.decay, state.settings),
                                group -> new ArrayList<>())
                        .add(state);
            }
        }
        groups.forEach((group, states) -> {
            int from = 0;
            long elements = 0;
            for (int i = 0; i < states.size(); i++) {
                elements += states.get(i).value().numel();
                if (elements >= TOGETHER || i == states.size() - 1) {
                    List<CardMoments> part = states.subList(from, i + 1);
                    Scoped.run(() -> update(part, group, step));
                    from = i + 1;
                    elements = 0;
                }
            }
        });
    }

    private static void update(List<CardMoments> states, Group group, Step step) {
        Tensor number = Tensors.floats(new float[] {step.number()}, 1);
        Calls.ADAMW.call(
                Dispatch.list(states.stream().map(CardMoments::value).toList()),
                Dispatch.list(states.stream().map(s -> s.gradient(step.gradientScale())).toList()),
                Dispatch.list(states.stream().map(s -> s.first).toList()),
                Dispatch.list(states.stream().map(s -> s.second).toList()),
                Dispatch.list(List.of()),
                Dispatch.list(states.stream().map(s -> number).toList()),
                new IValue(group.learningRate()),
                new IValue(group.settings().beta1()),
                new IValue(group.settings().beta2()),
                new IValue(group.decay()),
                new IValue(group.settings().epsilon()),
                new IValue(false),
                new IValue(false),
                new IValue(),
                new IValue());
    }

    private Tensor gradient(double scale) {
        Tensor precise = Tensors.cast(parameter().gradient().orElseThrow(), ScalarType.Float);
        return scale == 1 ? precise : torch.mul(precise, new Scalar(scale));
    }

    @Override
    void update(Tensor gradient, Step step) {
        throw new IllegalStateException("parameters on a card are updated together");
    }
}
