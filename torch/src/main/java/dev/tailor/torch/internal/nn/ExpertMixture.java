package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A mixture of experts (Shazeer et al. 2017): a router sends each position to some experts, whose
/// answers are added up by its weights. Every expert meets its own positions only, all at once.
///
/// @param perToken how many experts a position goes to
/// @param normalised whether the weights of a position are made to add up to 1
record ExpertMixture(
        Linear router,
        List<GatedMlp> experts,
        int perToken,
        boolean normalised,
        Optional<Shared> shared)
        implements FeedForward {
    /// An expert that all positions go to, its answer weighed by `σ(gate(x))`.
    record Shared(GatedMlp expert, Linear gate) {
        Value forward(Tape tape, Value x, Batch batch) {
            Value answer = expert.forward(tape, x, batch);
            Value logit = gate.forward(tape, x, batch.dropout());
            return weighed(tape, answer, logit);
        }

        private static Value weighed(Tape tape, Value answer, Value logit) {
            boolean wanted = answer.wanted() || logit.wanted();
            if (wanted) {
                tape.keep(answer);
                tape.keep(logit);
            }
            return tape.result(
                    torch.mul(answer.data(), torch.sigmoid(logit.data())),
                    wanted,
                    dy -> {
                        Tensor share = torch.sigmoid(logit.data());
                        answer.accumulate(torch.mul(dy, share));
                        Tensor slope = torch.sub(share, torch.mul(share, share));
                        logit.accumulate(dot(dy, answer.data()).mul_(slope));
                    });
        }
    }

    /// One expert's answers.
    private record Answer(Routing.Share share, Value value) {}

    @Override
    public Value forward(Tape tape, Value x, Batch batch) {
        Value logits = router.forward(tape, x, batch.dropout());
        Routing routing = Routing.of(logits.data(), perToken, normalised);
        batch.balance().put(router.name(), routing.load());
        List<Answer> answers = new ArrayList<>();
        for (int e = 0; e < experts.size(); e++) {
            Routing.Share share = routing.share(e);
            if (share.rows().length > 0) {
                Value input = rows(tape, x, share.rows());
                answers.add(new Answer(share, experts.get(e).forward(tape, input, batch)));
            }
        }
        Value mixed = mix(tape, x, logits, routing, answers, batch.balance());
        return shared.isPresent() ? sum(tape, mixed, shared.get().forward(tape, x, batch)) : mixed;
    }

    private static Value rows(Tape tape, Value x, int[] rows) {
        long positions = x.data().size(0);
        return tape.result(
                x.data().index_select(0, Tensors.indices(rows)),
                x.wanted(),
                dy -> {
                    Tensor dx = torch.zeros(new long[] {positions, dy.size(1)}, dy.options());
                    x.accumulate(dx.index_copy_(0, Tensors.indices(rows), dy));
                });
    }

    private static Value mix(
            Tape tape,
            Value x,
            Value logits,
            Routing routing,
            List<Answer> answers,
            RouterBalance balance) {
        Tensor sum = torch.zeros_like(x.data());
        boolean wanted = logits.wanted();
        for (Answer answer : answers) {
            wanted |= answer.value().wanted();
            Tensor weighed =
                    torch.mul(answer.value().data(), weights(routing, answer.share(), sum));
            sum.index_add_(0, Tensors.indices(answer.share().rows()), weighed);
        }
        if (wanted) {
            answers.forEach(answer -> tape.keep(answer.value()));
        }
        return tape.result(sum, wanted, dy -> backward(logits, routing, answers, balance, dy));
    }

    private static void backward(
            Value logits, Routing routing, List<Answer> answers, RouterBalance balance, Tensor dy) {
        float[][] dWeights = new float[routing.weights().length][];
        for (int r = 0; r < dWeights.length; r++) {
            dWeights[r] = new float[routing.weights()[r].length];
        }
        for (Answer answer : answers) {
            Routing.Share share = answer.share();
            Tensor part = dy.index_select(0, Tensors.indices(share.rows()));
            float[] products = Tensors.floats(dot(part, answer.value().data()));
            for (int i = 0; i < products.length; i++) {
                dWeights[share.rows()[i]][share.places()[i]] = products[i];
            }
            answer.value().accumulate(torch.mul(part, weights(routing, share, dy)));
        }
        if (logits.wanted()) {
            int experts = routing.experts();
            float[] dLogits = routing.backward(dWeights, balance.derivatives(experts));
            Tensor typed = Tensors.floats(dLogits, dWeights.length, experts);
            logits.accumulate(Tensors.cast(typed, dy.scalar_type()));
        }
    }

    /// What an expert's answers count, as a column of some tensor's type.
    private static Tensor weights(Routing routing, Routing.Share share, Tensor like) {
        float[] weights = routing.weights(share);
        return Tensors.cast(Tensors.floats(weights, weights.length, 1), like.scalar_type());
    }

    /// The products of rows, summed in float32, as a column.
    private static Tensor dot(Tensor a, Tensor b) {
        Tensor products =
                torch.mul(Tensors.cast(a, ScalarType.Float), Tensors.cast(b, ScalarType.Float));
        return Tensors.cast(torch.sum(products, 1).unsqueeze(1), a.scalar_type());
    }

    private static Value sum(Tape tape, Value a, Value b) {
        return tape.result(
                torch.add(a.data(), b.data()),
                a.wanted() || b.wanted(),
                dy -> {
                    a.accumulate(dy);
                    b.accumulate(dy);
                });
    }

    @Override
    public List<Linear> linears() {
        return Stream.of(
                        Stream.of(router),
                        experts.stream().flatMap(e -> e.linears().stream()),
                        shared.stream()
                                .flatMap(s ->
                                        Stream.concat(
                                                s.expert().linears().stream(),
                                                Stream.of(s.gate()))))
                .flatMap(s -> s)
                .toList();
    }

    @Override
    public ExpertMixture withLinears(UnaryOperator<Linear> replacement) {
        return new ExpertMixture(
                replacement.apply(router),
                experts.stream().map(e -> e.withLinears(replacement)).toList(),
                perToken,
                normalised,
                shared.map(s ->
                        new Shared(
                                s.expert().withLinears(replacement), replacement.apply(s.gate()))));
    }
}
