package dev.tailor.torch.internal.nn;

import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// One layer: `x + attention(norm(x))`, then `x + mlp(norm(x))`.
final class DecoderLayer {
    /// The linear layers of attention.
    record Projections(Linear q, Linear k, Linear v, Linear o) {}

    private final RmsNorm attentionNorm;
    private final Projections projections;
    private final RmsNorm mlpNorm;
    private final GatedMlp mlp;

    DecoderLayer(RmsNorm attentionNorm, Projections projections, RmsNorm mlpNorm, GatedMlp mlp) {
        this.attentionNorm = attentionNorm;
        this.projections = projections;
        this.mlpNorm = mlpNorm;
        this.mlp = mlp;
    }

    Value forward(Tape tape, Value x, Batch batch) {
        Dropout dropout = batch.dropout();
        Value h = attentionNorm.forward(tape, x);
        Value q = projections.q().forward(tape, h, dropout);
        Value k = projections.k().forward(tape, h, dropout);
        Value v = projections.v().forward(tape, h, dropout);
        tape.spent(h);
        Value mixed =
                batch.mixing()
                        .mix(
                                tape,
                                batch.angles().rotate(tape, q),
                                batch.angles().rotate(tape, k),
                                v);
        Value attended = add(tape, x, projections.o().forward(tape, mixed, dropout));
        Value fed = mlp.forward(tape, mlpNorm.forward(tape, attended), dropout);
        return add(tape, attended, fed);
    }

    /// The sum takes the place of b, which nothing needs any more.
    private static Value add(Tape tape, Value a, Value b) {
        Tensor sum = b.data();
        sum.add_(a.data());
        return tape.result(
                sum,
                a.wanted() || b.wanted(),
                dy -> {
                    a.accumulate(dy);
                    b.accumulate(dy);
                });
    }

    /// The same layer with other linear layers.
    DecoderLayer withLinears(UnaryOperator<Linear> replacement) {
        return new DecoderLayer(
                attentionNorm,
                new Projections(
                        replacement.apply(projections.q()),
                        replacement.apply(projections.k()),
                        replacement.apply(projections.v()),
                        replacement.apply(projections.o())),
                mlpNorm,
                new GatedMlp(
                        replacement.apply(mlp.gate()),
                        replacement.apply(mlp.up()),
                        replacement.apply(mlp.down())));
    }

    /// Every linear layer, in the order of computation.
    List<Linear> linears() {
        return List.of(
                projections.q(),
                projections.k(),
                projections.v(),
                projections.o(),
                mlp.gate(),
                mlp.up(),
                mlp.down());
    }

    /// Every parameter.
    List<Parameter> parameters() {
        return Stream.concat(
                        linears().stream().flatMap(l -> l.parameters().stream()),
                        Stream.of(attentionNorm.weight(), mlpNorm.weight()))
                .toList();
    }

    /// Whether anything here learns.
    boolean learns() {
        return parameters().stream().anyMatch(Parameter::trainable);
    }
}
