package dev.tailor.torch.internal.nn;

import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.ScoredStates;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The states that the head has yet to make logits of, kept until this is closed.
public final class HeadStates implements ScoredStates {
    private final Head head;
    private final int[] scored;
    private final Map<Integer, float[]> states;
    private final Kept memory = new Kept();
    private final Tensor normed;
    private final Tensor matrix;

    /// @param hidden what the last layer made of the batch
    /// @param states hidden states by their number, at the scored positions
    HeadStates(Head head, Tensor hidden, int[] targets, Map<Integer, float[]> states) {
        this.head = head;
        this.states = states;
        this.scored = Head.scored(targets);
        this.normed = memory.keep(head.normed(hidden, targets));
        this.matrix = memory.keep(head.matrix());
    }

    @Override
    public int count() {
        return scored.length;
    }

    @Override
    public float[] hidden(int index) {
        return Objects.requireNonNull(states.get(index), "a hidden state nobody asked for");
    }

    /// Products of some of the scored positions; they belong to the caller's scope.
    Rows products(int from, int to) {
        return Rows.of(
                Tensors.onHost(MatrixProduct.linear(normed.narrow(0, from, to - from), matrix)));
    }

    /// Makes logits of a row of [#products].
    void scale(float[] row) {
        head.scale(row);
    }

    @Override
    public void read(Optional<ScoredStates> teacher, LogitLoss reader) {
        Optional<HeadStates> other = of(teacher);
        for (int from = 0; from < scored.length; from += Head.CHUNK) {
            int first = from;
            int last = Math.min(from + Head.CHUNK, scored.length);
            Scoped.run(() -> read(first, last, other, reader));
        }
    }

    private void read(int from, int to, Optional<HeadStates> teacher, LogitLoss reader) {
        Rows own = products(from, to);
        Optional<Rows> others = teacher.map(states -> states.products(from, to));
        Parallel.rows(
                to - from,
                (first, last) -> {
                    float[] row = new float[own.width()];
                    float[] known = new float[others.map(Rows::width).orElse(0)];
                    for (int r = first; r < last; r++) {
                        own.load(r, row);
                        scale(row);
                        if (teacher.isPresent()) {
                            others.orElseThrow().load(r, known);
                            teacher.get().scale(known);
                        }
                        reader.at(scored[from + r], row, known);
                    }
                });
    }

    /// There is no other kind.
    static Optional<HeadStates> of(Optional<ScoredStates> states) {
        return states.map(HeadStates.class::cast);
    }

    @Override
    public void close() {
        memory.close();
    }
}
