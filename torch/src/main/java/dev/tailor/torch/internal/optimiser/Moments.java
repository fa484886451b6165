package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Dispatch;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;

/// What AdamW remembers of one parameter: its float32 value and the two moving averages.
public final class Moments implements AutoCloseable {
    private final Parameter parameter;
    private final Kept memory = new Kept();
    private final Tensor master;
    private final Tensor first;
    private final Tensor second;
    private final Tensor count;
    private final Dispatch fusedAdamW = Dispatch.operator("aten::_fused_adamw_");

    /// Zero averages for a parameter.
    public Moments(Parameter parameter) {
        this.parameter = parameter;
        Tensor[] made =
                Scoped.call(() -> {
                    // The same tensor if it is float32 already.
                    Tensor value = memory.keep(Tensors.cast(parameter.data(), ScalarType.Float));
                    return new Tensor[] {
                        value,
                        memory.keep(torch.zeros_like(value)),
                        memory.keep(torch.zeros_like(value)),
                        memory.keep(Tensors.zeros(ScalarType.Float))
                    };
                });
        master = made[0];
        first = made[1];
        second = made[2];
        count = made[3];
    }

    /// Whose moments these are.
    public Parameter parameter() {
        return parameter;
    }

    Tensor master() {
        return master;
    }

    Tensor first() {
        return first;
    }

    Tensor second() {
        return second;
    }

    /// Σ g² over the gradient, 0 if there is none.
    public double squaredNorm() {
        return parameter
                .gradient()
                .map(g -> {
                    Tensor f = Tensors.cast(g, ScalarType.Float).view(-1);
                    return torch.dot(f, f).item_double();
                })
                .orElse(0.0);
    }

    /// One update (Loshchilov and Hutter 2019, algorithm 2), by libtorch's fused operator.
    public void update(
            AdamWSettings settings,
            long step,
            double learningRate,
            double weightDecay,
            double gradientScale) {
        if (parameter.gradient().isEmpty()) {
            return;
        }
        Tensor gradient = Tensors.cast(parameter.gradient().get(), ScalarType.Float);
        if (gradientScale != 1) {
            gradient = torch.mul(gradient, new Scalar(gradientScale));
        }
        count.fill_(new Scalar((double) step));
        fusedAdamW.call(
                Dispatch.list(List.of(master)),
                Dispatch.list(List.of(gradient)),
                Dispatch.list(List.of(first)),
                Dispatch.list(List.of(second)),
                Dispatch.list(List.of()),
                Dispatch.list(List.of(count)),
                new IValue(learningRate),
                new IValue(settings.beta1()),
                new IValue(settings.beta2()),
                new IValue(weightDecay),
                new IValue(settings.epsilon()),
                new IValue(false),
                new IValue(false),
                new IValue(),
                new IValue());
        publish();
    }

    /// Rounds the float32 value into the parameter, where the two are not the same memory.
    void publish() {
        if (!Tensors.isFloat(parameter.data())) {
            parameter.data().copy_(master);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
