package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// An exponential moving average of a float32 value: `a ← d a + (1 - d) x` after every step, with
/// `d = min(decay, (1 + t) / (10 + t))` after t steps, so that the first values are soon forgotten.
record WeightAverage(Tensor average, double decay) {
    /// Takes in the value after step number `step` (from 1).
    void advance(ParameterState state, long step) {
        float share = (float) (1 - Math.min(decay, (1.0 + step) / (10.0 + step)));
        if (average.is_cuda()) {
            average.lerp_(state.value(), new Scalar((double) share));
            return;
        }
        Tiles values = state.values();
        Tiles averages = Tiles.of(average);
        Parallel.rows(
                values.count(),
                (from, to) -> {
                    float[] x = new float[Tiles.SIZE];
                    float[] a = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        int n = values.load(t, x);
                        averages.load(t, a);
                        for (int i = 0; i < n; i++) {
                            a[i] += share * (x[i] - a[i]);
                        }
                        averages.store(t, a);
                    }
                });
    }

    /// Puts the average where the value is and the value where the average is; twice changes
    /// nothing.
    void exchange(ParameterState state) {
        if (average.is_cuda()) {
            Tensor learning = Tensors.copy(state.value(), ScalarType.Float);
            state.value().copy_(average);
            average.copy_(learning);
            return;
        }
        Tiles values = state.values();
        Tiles averages = Tiles.of(average);
        Parallel.rows(
                values.count(),
                (from, to) -> {
                    float[] x = new float[Tiles.SIZE];
                    float[] a = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        values.load(t, x);
                        averages.load(t, a);
                        values.store(t, a);
                        averages.store(t, x);
                    }
                });
    }
}
