package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Optional;

/// The last step of a layer with DoRA: `y = (m / ‖W + s B A‖) · (W x + s B A x) + bias`, magnitude
/// and norm by output (Liu et al. 2024, arXiv 2402.09353). On the way back the norm counts as a
/// constant, as in the paper's section 4.3.
record Magnitude(Parameter magnitude, Optional<Parameter> bias) {
    /// @param direction `[positions, out]`
    /// @param norm `[out]` in float32
    Value forward(Tape tape, Value direction, Tensor norm) {
        Tensor factor = tape.keep(torch.div(magnitude.data(), norm));
        Tensor divisor = tape.keep(norm);
        boolean biasLearns = bias.isPresent() && bias.get().trainable();
        if (magnitude.trainable()) {
            tape.keep(direction);
        }
        ScalarType type = direction.data().scalar_type();
        Tensor y = torch.mul(direction.data(), Tensors.cast(factor, type));
        bias.ifPresent(b -> y.add_(b.data()));
        return tape.result(
                y,
                direction.wanted() || magnitude.trainable() || biasLearns,
                dy -> backward(direction, factor, divisor, dy));
    }

    private void backward(Value direction, Tensor factor, Tensor norm, Tensor dy) {
        if (magnitude.trainable()) {
            Tensor precise = Tensors.cast(dy, ScalarType.Float);
            Tensor along = torch.sum(torch.mul(precise, direction.data()), 0);
            magnitude.accumulate(torch.div(along, norm));
        }
        bias.filter(Parameter::trainable).ifPresent(b -> b.accumulate(torch.sum(dy, 0)));
        direction.accumulate(torch.mul(dy, Tensors.cast(factor, dy.scalar_type())));
    }
}
