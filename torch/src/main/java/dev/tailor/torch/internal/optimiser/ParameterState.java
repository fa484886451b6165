package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.OptimizerSettings;
import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// What an optimiser keeps of one parameter: its float32 value and whatever its rule remembers. A
/// float32 parameter is that value itself; of a bfloat16 parameter, which is the value rounded, the
/// lost 16 bits are kept. No result depends on the number of threads.
public abstract sealed class ParameterState implements AutoCloseable
        permits Moments, QuantisedMoments, LionState, AdafactorState, MuonState, ScheduleFreeState {
    private final Parameter parameter;
    private final Kept memory = new Kept();
    private final @Nullable Tensor lowerBits;
    private @Nullable WeightAverage average;

    ParameterState(Parameter parameter) {
        this.parameter = parameter;
        this.lowerBits =
                isFloat()
                        ? null
                        : keep(() -> Tensors.zeros(ScalarType.Short, parameter.data().numel()));
    }

    /// The state of a parameter that has not learnt yet.
    public static ParameterState of(Parameter parameter, OptimizerSettings settings) {
        boolean matrix = parameter.shape().size() > 1;
        return switch (settings) {
            case AdamWSettings adamW -> new Moments(parameter, adamW);
            case OptimizerSettings.AdamW8Bit(AdamWSettings adamW) ->
                    parameter.data().numel() < OptimizerSettings.AdamW8Bit.FEWEST
                            ? new Moments(parameter, adamW)
                            : new QuantisedMoments(parameter, adamW);
            case OptimizerSettings.Lion lion -> new LionState(parameter, lion);
            case OptimizerSettings.Adafactor adafactor ->
                    new AdafactorState(parameter, matrix ? adafactor.weightDecay() : 0);
            case OptimizerSettings.Muon muon ->
                    OptimizerSettings.Muon.serves(parameter.name(), parameter.shape())
                            ? new MuonState(parameter, muon)
                            : new Moments(parameter, muon.rest());
            case OptimizerSettings.ScheduleFree(AdamWSettings adamW) ->
                    new ScheduleFreeState(parameter, adamW);
        };
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

    final boolean isFloat() {
        return Tensors.isFloat(parameter.data());
    }

    /// The value that learns, in tiles of `size` elements; writing them writes the parameter.
    final Tiles values(int size) {
        return lowerBits == null
                ? Tiles.of(parameter.data(), size)
                : Tiles.of(parameter.data(), lowerBits, size);
    }

    final Tiles values() {
        return values(Tiles.SIZE);
    }

    /// A float32 tensor of the parameter's shape, kept until this state is closed.
    final Tensor keepZeros() {
        return keep(() -> Tensors.zeros(ScalarType.Float, shape()));
    }

    /// The same with the value itself, while no step has been made.
    final Tensor keepValue() {
        return keep(() -> Tensors.copy(parameter.data(), ScalarType.Float));
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
        parts.put("value", parameter.data());
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

    /// One update; nothing happens without a gradient.
    public final void step(Step step) {
        parameter.gradient().ifPresent(gradient -> update(gradient, step));
        if (average != null) {
            average.advance(values(), step.number());
        }
    }

    /// Gives the parameter the value that is to be measured and kept.
    public void showResult() {
        if (average != null) {
            average.exchange(values());
        }
    }

    /// Gives the parameter the value that learns again.
    public void showLearning() {
        showResult();
    }

    /// Σ g² over the gradient, 0 if there is none. Added up tile by tile, so that the result does
    /// not depend on the number of threads.
    public final double squaredNorm() {
        return parameter.gradient().map(ParameterState::squaredNorm).orElse(0.0);
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
