package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// One layer: `x + m · attention(x)`, then `x + m · mlp(x)`, with norms before or after each or
/// both.
///
/// @param residual m, what each part is multiplied by
record DecoderLayer(SelfAttention attention, FeedForward mlp, Norms norms, double residual) {
    /// The norms there are.
    record Norms(
            Optional<RmsNorm> beforeAttention,
            Optional<RmsNorm> afterAttention,
            Optional<RmsNorm> beforeMlp,
            Optional<RmsNorm> afterMlp) {
        Stream<RmsNorm> all() {
            return Stream.of(beforeAttention, afterAttention, beforeMlp, afterMlp)
                    .flatMap(Optional::stream);
        }
    }

    Value forward(Tape tape, Value x, Batch batch) {
        Value mixed = attention.forward(tape, normed(norms.beforeAttention(), tape, x), batch);
        Value attended = add(tape, x, normed(norms.afterAttention(), tape, mixed));
        Value fed = mlp.forward(tape, normed(norms.beforeMlp(), tape, attended), batch);
        return add(tape, attended, normed(norms.afterMlp(), tape, fed));
    }

    private static Value normed(Optional<RmsNorm> norm, Tape tape, Value x) {
        return norm.isPresent() ? norm.get().forward(tape, x) : x;
    }

    private Value add(Tape tape, Value a, Value b) {
        boolean plain = residual == 1;
        Tensor sum =
                plain
                        ? torch.add(a.data(), b.data())
                        : torch.add(a.data(), b.data(), new Scalar(residual));
        return tape.result(
                sum,
                a.wanted() || b.wanted(),
                dy -> {
                    a.accumulate(dy);
                    b.accumulate(plain ? dy : torch.mul(dy, new Scalar(residual)));
                });
    }

    /// The same layer with other linear layers.
    DecoderLayer withLinears(UnaryOperator<Linear> replacement) {
        return new DecoderLayer(
                attention.withLinears(replacement), mlp.withLinears(replacement), norms, residual);
    }

    /// Every linear layer, in the order of computation.
    List<Linear> linears() {
        return Stream.concat(attention.linears().stream(), mlp.linears().stream()).toList();
    }

    /// Every parameter.
    List<Parameter> parameters() {
        return Stream.of(
                        linears().stream().flatMap(l -> l.parameters().stream()),
                        attention.normWeights(),
                        norms.all().map(RmsNorm::weight))
                .flatMap(s -> s)
                .toList();
    }

    /// Whether anything here learns.
    boolean learns() {
        return parameters().stream().anyMatch(Parameter::trainable);
    }
}
