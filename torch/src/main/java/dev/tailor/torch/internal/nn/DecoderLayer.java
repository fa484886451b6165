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
        Value h = normed(norms.beforeAttention(), tape, x);
        Value mixed = attention.forward(tape, h, batch);
        spent(tape, h, x);
        Value attended = add(tape, x, normed(norms.afterAttention(), tape, mixed));
        Value g = normed(norms.beforeMlp(), tape, attended);
        Value fed = mlp.forward(tape, g, batch);
        spent(tape, g, attended);
        return add(tape, attended, normed(norms.afterMlp(), tape, fed));
    }

    private static Value normed(Optional<RmsNorm> norm, Tape tape, Value x) {
        return norm.isPresent() ? norm.get().forward(tape, x) : x;
    }

    /// Frees what a norm made, unless there was none.
    private static void spent(Tape tape, Value normed, Value x) {
        if (normed != x) {
            tape.spent(normed);
        }
    }

    /// A plain sum takes the place of b, which nothing needs any more.
    private Value add(Tape tape, Value a, Value b) {
        boolean plain = residual == 1;
        Tensor sum = plain ? b.data() : torch.add(a.data(), b.data(), new Scalar(residual));
        if (plain) {
            sum.add_(a.data());
        }
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
