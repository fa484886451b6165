package dev.tailor.torch.internal.nn;

import dev.tailor.torch.Activations;
import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.LogitLoss;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.ScoredStates;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// One pass layer by layer. Of each layer that lies above something that learns, either a tape is
/// kept, or its input alone, from which the layer is computed again on the way back.
public final class DecoderPass implements ForwardPass {
    /// A layer on the way back: a tape with its two ends, or its input alone.
    private sealed interface Record {
        record Taped(Tape tape, Value input, Value output) implements Record {}

        record Input(Tensor input) implements Record {}
    }

    private final Decoder decoder;
    private final PackedBatch packed;
    private final RouterBalance balance = new RouterBalance();
    private final List<Batch> batches;
    private final int lowest;
    private final Kept memory = new Kept();
    private final List<Record> records = new ArrayList<>();
    private final Tensor hidden;
    private final Map<Integer, float[]> hiddenGradients = new HashMap<>();
    private boolean spent;

    DecoderPass(
            Decoder decoder,
            PackedBatch packed,
            Activations activations,
            long dropoutSeed,
            EmbeddingNoise noise) {
        this.decoder = decoder;
        this.packed = packed;
        this.lowest = decoder.lowestLearning();
        try {
            batches = decoder.batches(packed, dropoutSeed, balance);
            batches.forEach(batch -> batch.angles().ifPresent(angles -> angles.keep(memory)));
            hidden = memory.keep(Scoped.tensor(() -> layers(activations, noise)));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private Tensor layers(Activations activations, EmbeddingNoise noise) {
        Tensor x = decoder.embed(packed.tokens());
        noise.addTo(x, packed.segmentLengths());
        for (int l = 0; l < decoder.layers().size(); l++) {
            Tensor input = x;
            DecoderLayer layer = decoder.layers().get(l);
            boolean recorded = l + 1 >= lowest || lowest == 0;
            x =
                    Scoped.tensor(() ->
                            recorded && activations == Activations.KEEP
                                    ? taped(layer, input)
                                    : plain(layer, input, recorded));
        }
        return x;
    }

    private Tensor plain(DecoderLayer layer, Tensor input, boolean recorded) {
        if (recorded) {
            records.add(new Record.Input(memory.keep(input)));
        } else {
            records.add(new Record.Input(input));
        }
        return Decoder.plain(layer, input, batches.get(records.size() - 1));
    }

    private Tensor taped(DecoderLayer layer, Tensor x) {
        Record.Taped taped = record(layer, x, records.size());
        records.add(taped);
        Tensor out = taped.output().data();
        taped.tape().seal();
        return out;
    }

    private Record.Taped record(DecoderLayer layer, Tensor x, int index) {
        Tape tape = Tape.recording();
        Value input = tape.input(x, index + 1 > lowest);
        input.keep();
        return new Record.Taped(tape, input, layer.forward(tape, input, batches.get(index)));
    }

    @Override
    public float[] logProbs() {
        return Scoped.call(() -> decoder.head().logProbs(hidden, packed.targets()));
    }

    @Override
    public void backward(float[] coefficients) {
        crossEntropyBackward(coefficients);
    }

    @Override
    public float[] crossEntropyBackward(float[] coefficients) {
        return Scoped.call(() ->
                back(below ->
                        decoder.head().backward(hidden, packed.targets(), coefficients, below)));
    }

    @Override
    public void logitsBackward(Optional<ScoredStates> teacher, LogitLoss loss) {
        Scoped.call(() ->
                back(below -> {
                    decoder.head()
                            .backward(
                                    hidden, packed.targets(), HeadStates.of(teacher), loss, below);
                    return true;
                }));
    }

    @Override
    public float[] hidden(int index) {
        int[] scored = Head.scored(packed.targets());
        return Scoped.call(() ->
                index == records.size()
                        ? decoder.normed(hidden, scored)
                        : Tensors.floats(Head.rows(state(index), scored)));
    }

    /// What a layer has read.
    private Tensor state(int index) {
        if (index + 1 < lowest) {
            throw new IllegalStateException(
                    "nothing that makes hidden state " + index + " learns: it is not kept");
        }
        return switch (records.get(index)) {
            case Record.Taped taped -> taped.input().data();
            case Record.Input(Tensor input) -> input;
        };
    }

    @Override
    public void hiddenGradient(int index, float[] gradient) {
        hiddenGradients.put(index, gradient);
    }

    @Override
    public double balance(double share) {
        double weight = share * decoder.balance();
        balance.weight(weight);
        return weight * balance.loss();
    }

    private <T> T back(Function<Head.Below, T> headBackward) {
        if (spent) {
            throw new IllegalStateException("this pass has gone back already");
        }
        spent = true;
        Tensor gradient = lowest <= decoder.layers().size() ? Decoder.zerosLike(hidden) : null;
        float[] ofNormed = hiddenGradients.getOrDefault(records.size(), new float[0]);
        T result = headBackward.apply(new Head.Below(gradient, ofNormed));
        if (gradient != null) {
            layersBackward(gradient);
        }
        return result;
    }

    /// Adds what goes back into a hidden state from outside.
    private void addHiddenGradient(int index, Tensor gradient) {
        float[] own = hiddenGradients.get(index);
        if (own != null) {
            int[] scored = Head.scored(packed.targets());
            Scoped.run(() ->
                    gradient.index_add_(
                            0,
                            Tensors.indices(scored),
                            Tensors.cast(
                                    Tensors.floats(own, scored.length, gradient.size(1)),
                                    gradient.scalar_type())));
        }
    }

    /// Carries the derivative by the last layer's output down to the lowest place that learns. Only
    /// the one between two layers is held at a time.
    private void layersBackward(Tensor top) {
        try (Kept carried = new Kept()) {
            Tensor gradient = carried.keep(top);
            for (int l = decoder.layers().size() - 1; l + 1 >= Math.max(lowest, 1); l--) {
                Tensor down = layerBackward(l, gradient, carried);
                if (down == null) {
                    return;
                }
                gradient = down;
                addHiddenGradient(l, gradient);
            }
            if (lowest == 0) {
                decoder.embedBackward(packed.tokens(), gradient);
            }
        }
    }

    /// Carries the derivative through one layer, after which `carried` holds the result; null where
    /// nothing below it learns.
    private @Nullable Tensor layerBackward(int index, Tensor gradient, Kept carried) {
        Record.Taped taped =
                switch (records.get(index)) {
                    case Record.Taped kept -> kept;
                    case Record.Input(Tensor input) -> again(index, input);
                };
        try (Tape tape = taped.tape()) {
            taped.output().accumulate(gradient);
            carried.close();
            tape.backward();
            Tensor down = taped.input().gradient();
            return down == null ? null : carried.keep(down);
        }
    }

    /// Runs a layer forward once more, this time on a tape.
    private Record.Taped again(int index, Tensor input) {
        Record.Taped[] result = new Record.Taped[1];
        Scoped.run(() -> {
            result[0] = record(decoder.layers().get(index), input, index);
            result[0].tape().seal();
        });
        return result[0];
    }

    @Override
    public void close() {
        for (Record record : records) {
            if (record instanceof Record.Taped taped) {
                taped.tape().close();
            }
        }
        records.clear();
        memory.close();
    }
}
