package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;

/// What AdamW remembers of one parameter: its float32 value and the two moving averages.
public final class Moments implements AutoCloseable {
    private final Parameter parameter;
    private final Kept memory = new Kept();
    private final Tensor master;
    private final Tensor first;
    private final Tensor second;

    /// Zero averages for a parameter.
    public Moments(Parameter parameter) {
        this.parameter = parameter;
        Tensor[] made =
                Scoped.call(() -> {
                    // The same tensor if it is float32 already.
                    Tensor value = memory.keep(Tensors.cast(parameter.data(), ScalarType.Float));
                    return new Tensor[] {
                        value,
                        memory.keep(torch.zeros_like(value)),
                        memory.keep(torch.zeros_like(value)),
                        memory.keep(Tensors.zeros(ScalarType.Float))
                    };
                });
        master = made[0];
        first = made[1];
        second = made[2];
    }

    /// Whose moments these are.
    public Parameter parameter() {
        return parameter;
    }

    Tensor master() {
        return master;
    }

    Tensor first() {
        return first;
    }

    Tensor second() {
        return second;
    }

    /// Σ g² over the gradient, 0 if there is none. Added up tile by tile, so that the result does
    /// not depend on the number of threads.
    public double squaredNorm() {
        if (parameter.gradient().isEmpty()) {
            return 0;
        }
        Tiles gradient = Tiles.of(parameter.gradient().get());
        double[] sums = new double[gradient.count()];
        Parallel.rows(
                sums.length,
                (from, to) -> {
                    float[] tile = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        int n = gradient.load(t, tile);
                        sums[t] = AdamWUpdate.squaredSum(tile, n);
                    }
                });
        return Arrays.stream(sums).sum();
    }

    /// One update, in one pass over memory: gradient, moments and master are read once, and the
    /// parameter is written from the master while it is at hand.
    public void update(AdamWUpdate rule) {
        if (parameter.gradient().isEmpty()) {
            return;
        }
        Tiles gradients = Tiles.of(parameter.gradient().get());
        Tiles values = Tiles.of(master);
        Tiles firsts = Tiles.of(first);
        Tiles seconds = Tiles.of(second);
        Tiles published = Tiles.of(parameter.data());
        boolean rounds = !Tensors.isFloat(parameter.data());
        Parallel.rows(
                values.count(),
                (from, to) -> {
                    float[] g = new float[Tiles.SIZE];
                    float[] x = new float[Tiles.SIZE];
                    float[] m = new float[Tiles.SIZE];
                    float[] v = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        gradients.load(t, g);
                        firsts.load(t, m);
                        seconds.load(t, v);
                        int n = values.load(t, x);
                        rule.apply(x, g, m, v, n);
                        firsts.store(t, m);
                        seconds.store(t, v);
                        values.store(t, x);
                        if (rounds) {
                            published.store(t, x);
                        }
                    }
                });
    }

    /// Rounds the float32 value into the parameter, where the two are not the same memory.
    void publish() {
        if (!Tensors.isFloat(parameter.data())) {
            parameter.data().copy_(master);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
