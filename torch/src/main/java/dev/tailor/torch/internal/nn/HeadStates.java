package dev.tailor.torch.internal.nn;

import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.ScoredStates;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The states that the head has yet to make logits of, kept until this is closed.
public final class HeadStates implements ScoredStates {
    private final Head head;
    private final Tensor hidden;
    private final int[] targets;
    private final int count;
    private final Map<Integer, float[]> states;
    private final Kept memory = new Kept();
    private final Tensor normed;

    /// @param hidden what the last layer made of the batch
    /// @param states hidden states by their number, at the scored positions
    HeadStates(Head head, Tensor hidden, int[] targets, Map<Integer, float[]> states) {
        this.head = head;
        this.targets = targets;
        this.states = states;
        this.hidden = memory.keep(hidden);
        this.count = Head.scored(targets).length;
        this.normed = memory.keep(head.normed(hidden, targets));
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public float[] hidden(int index) {
        return Objects.requireNonNull(states.get(index), "a hidden state nobody asked for");
    }

    /// Products of some of the scored positions; they belong to the caller's scope.
    Rows products(int from, int to) {
        return Rows.of(head.products(normed.narrow(0, from, to - from)));
    }

    /// Makes logits of a row of [#products].
    void scale(float[] row) {
        head.scale(row);
    }

    @Override
    public void read(Optional<ScoredStates> teacher, LogitLoss reader) {
        Scoped.run(() -> head.read(hidden, targets, of(teacher), reader));
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
