package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What an optimiser keeps of one parameter: its float32 value and whatever its rule remembers. A
/// float32 parameter is that value itself; of a bfloat16 parameter, which is the value rounded, the
/// lost 16 bits are kept. No result depends on the number of threads.
public abstract sealed class ParameterState implements AutoCloseable
        permits Moments,
                CardMoments,
                QuantisedMoments,
                LionState,
                AdafactorState,
                MuonState,
                ScheduleFreeState {
    private final Parameter parameter;
    private final Kept memory = new Kept();
    private final Tensor value;
    private final @Nullable Tensor lowerBits;
    private @Nullable WeightAverage average;

    /// Where the value that learns is kept, and its rule applied.
    enum Place {
        /// In the processor's memory: the parameter itself, or, of one on a card, a copy.
        HOST,
        /// Where the parameter is, as float32.
        BESIDE
    }

    ParameterState(Parameter parameter) {
        this(parameter, Place.HOST);
    }

    ParameterState(Parameter parameter, Place place) {
        Tensor data = parameter.data();
        this.parameter = parameter;
        this.value =
                switch (place) {
                    case HOST -> data.is_cuda() ? keep(() -> Tensors.onHost(data)) : data;
                    case BESIDE ->
                            Tensors.isFloat(data)
                                    ? data
                                    : keep(() -> Tensors.copy(data, ScalarType.Float));
                };
        this.lowerBits =
                isFloat() ? null : keep(() -> Tensors.zeros(ScalarType.Short, value.numel()));
    }

    /// The state of a parameter that has not learnt yet.
    public static ParameterState of(Parameter parameter, OptimizerSettings settings) {
        boolean matrix = parameter.shape().size() > 1;
        return switch (settings) {
            case AdamWSettings adamW -> moments(parameter, adamW);
            case OptimizerSettings.AdamW8Bit(AdamWSettings adamW) ->
                    parameter.data().numel() < OptimizerSettings.AdamW8Bit.FEWEST
                            ? moments(parameter, adamW)
                            : new QuantisedMoments(parameter, adamW);
            case OptimizerSettings.Lion lion -> new LionState(parameter, lion);
            case OptimizerSettings.Adafactor adafactor ->
                    new AdafactorState(parameter, matrix ? adafactor.weightDecay() : 0);
            case OptimizerSettings.Muon muon ->
                    OptimizerSettings.Muon.serves(parameter.name(), parameter.shape())
                            ? new MuonState(parameter, muon)
                            : moments(parameter, muon.rest());
            case OptimizerSettings.ScheduleFree(AdamWSettings adamW) ->
                    new ScheduleFreeState(parameter, adamW);
        };
    }

    private static ParameterState moments(Parameter parameter, AdamWSettings settings) {
        return Native.byOperators()
                ? new CardMoments(parameter, settings)
                : new Moments(parameter, settings);
    }

    /// Weight decay of a parameter: transformers decays matrices only, neither norms nor biases,
    /// which are all vectors here.
    static double decay(Parameter parameter, AdamWSettings settings) {
        boolean decays = settings.decayNormsAndBiases() || parameter.shape().size() > 1;
        return decays ? settings.weightDecay() : 0;
    }

    /// Whose state this is.
    public final Parameter parameter() {
        return parameter;
    }

    /// The value that learns, but for its lower bits; [#publish] gives it to the parameter.
    final Tensor value() {
        return value;
    }

    final boolean isFloat() {
        return Tensors.isFloat(value);
    }

    /// Gives the parameter the value, where it has a copy.
    public final void publish() {
        if (value != parameter.data()) {
            parameter.data().copy_(value);
        }
    }

    /// The value that learns, in tiles of `size` elements; writing them writes the parameter.
    final Tiles values(int size) {
        return lowerBits == null ? Tiles.of(value, size) : Tiles.of(value, lowerBits, size);
    }

    final Tiles values() {
        return values(Tiles.SIZE);
    }

    /// A float32 tensor of the parameter's shape in the processor's memory, kept until this state
    /// is closed.
    final Tensor keepZeros() {
        return keep(() -> Tensors.zeros(ScalarType.Float, shape()));
    }

    /// The same with the value itself, while no step has been made.
    final Tensor keepValue() {
        return keep(() -> Tensors.copy(value, ScalarType.Float));
    }

    final long[] shape() {
        return parameter.shape().stream().mapToLong(Long::longValue).toArray();
    }

    /// Keeps a tensor that is made within `made` until this state is closed.
    final Tensor keep(java.util.function.Supplier<Tensor> made) {
        return Scoped.call(() -> memory.keep(made.get()));
    }

    /// Keeps a moving average of the value from here on; it is the result.
    public final void keepAverage(double decay) {
        average = new WeightAverage(keepValue(), decay);
    }

    /// What the rule remembers, by a name for files.
    abstract Map<String, Tensor> memories();

    /// Everything a file must hold, by a name for it.
    final Map<String, Tensor> parts() {
        Map<String, Tensor> parts = new TreeMap<>(memories());
        parts.put("value", value);
        if (lowerBits != null) {
            parts.put("lower-bits", lowerBits);
        }
        if (average != null) {
            parts.put("mean", average.average());
        }
        return parts;
    }

    /// Applies the rule to a parameter that has a gradient.
    abstract void update(Tensor gradient, Step step);

    /// One update of each; nothing happens to those without a gradient.
    public static void step(List<ParameterState> states, Step step) {
        List<CardMoments> together = new ArrayList<>();
        for (ParameterState state : states) {
            if (state instanceof CardMoments moments) {
                together.add(moments);
            } else {
                Scoped.run(() -> state.step(step));
            }
        }
        CardMoments.update(together, step);
        for (ParameterState state : together) {
            Scoped.run(() -> state.updated(step));
        }
    }

    private void step(Step step) {
        Step own = step.faster(parameter.learningRateFactor());
        parameter.gradient().ifPresent(gradient -> update(Tensors.onHost(gradient), own));
        updated(step);
    }

    private void updated(Step step) {
        if (average != null) {
            average.advance(this, step.number());
        }
        publish();
    }

    /// Gives the parameter the value that is to be measured and kept.
    public final void showResult() {
        toResult();
        publish();
    }

    /// Gives the parameter the value that learns again.
    public final void showLearning() {
        toLearning();
        publish();
    }

    /// Makes the value the one that is to be measured and kept.
    void toResult() {
        if (average != null) {
            average.exchange(this);
        }
    }

    /// Makes the value the one that learns again.
    void toLearning() {
        toResult();
    }

    /// Σ g² over all gradients, 0 if there is none. Added up tile by tile, so that the result does
    /// not depend on the number of threads.
    public static double squaredNorm(List<ParameterState> states) {
        double sum = 0;
        List<Tensor> onCard = new ArrayList<>();
        for (ParameterState state : states) {
            Optional<Tensor> gradient = state.parameter.gradient();
            if (gradient.isPresent() && gradient.get().is_cuda()) {
                onCard.add(norm(gradient.get()));
            } else {
                sum += gradient.map(ParameterState::squaredNorm).orElse(0.0);
            }
        }
        if (!onCard.isEmpty()) {
            // Read together: each reading waits for the card.
            TensorVector norms = new TensorVector(onCard.toArray(Tensor[]::new));
            for (float norm : Tensors.floats(torch.stack(norms, 0))) {
                sum += (double) norm * norm;
            }
        }
        return sum;
    }

    private static Tensor norm(Tensor tensor) {
        return torch.linalg_vector_norm(
                tensor,
                new Scalar(2),
                new LongArrayRefOptional(),
                false,
                new ScalarTypeOptional(ScalarType.Float));
    }

    static double squaredNorm(Tensor tensor) {
        Tiles values = Tiles.of(tensor);
        double[] sums = new double[values.count()];
        Parallel.rows(
                sums.length,
                (from, to) -> {
                    float[] tile = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        int n = values.load(t, tile);
                        sums[t] = AdamWUpdate.squaredSum(tile, n);
                    }
                });
        return Arrays.stream(sums).sum();
    }

    /// A rule that treats every value alike: changes the first `n` values and memories of a tile in
    /// place.
    @FunctionalInterface
    interface Rule {
        void apply(int tile, float[] value, float[] gradient, float[][] memories, int n);
    }

    /// Applies a rule in one pass over memory: gradient, memories and value are read once.
    final void inPlace(Tensor gradient, Rule rule, Tensor... remembered) {
        Tiles gradients = Tiles.of(gradient);
        Tiles values = values();
        Tiles[] memories = Arrays.stream(remembered).map(Tiles::of).toArray(Tiles[]::new);
        Parallel.rows(
                values.count(),
                (from, to) -> {
                    float[] g = new float[Tiles.SIZE];
                    float[] x = new float[Tiles.SIZE];
                    float[][] m = new float[memories.length][Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        gradients.load(t, g);
                        for (int i = 0; i < m.length; i++) {
                            memories[i].load(t, m[i]);
                        }
                        int n = values.load(t, x);
                        rule.apply(t, x, g, m, n);
                        for (int i = 0; i < m.length; i++) {
                            memories[i].store(t, m[i]);
                        }
                        values.store(t, x);
                    }
                });
    }

    @Override
    public final void close() {
        memory.close();
    }
}
