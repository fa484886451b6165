package dev.tailor.torch.internal.weights;

import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Fresh weights, drawn in Java so that they are the same on every machine; each tensor has a
/// stream of its own, keyed by its name.
public final class RandomWeights {
    private RandomWeights() {}

    /// Norms are `norm`, biases 0, matrices normal with standard deviation `deviation`.
    public static Tensor initial(
            String name, long[] shape, double deviation, float norm, Seed seed) {
        Tensor tensor = Tensors.zeros(ScalarType.Float, shape);
        MemorySegment memory = Tensors.memory(tensor);
        long count = tensor.numel();
        if (name.endsWith("norm.weight")) {
            for (long i = 0; i < count; i++) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, norm);
            }
        } else if (!name.endsWith(".bias")) {
            SplitMix random = seed.of(name).generator();
            for (long i = 0; i < count; i++) {
                float value = (float) (random.nextGaussian() * deviation);
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            }
        }
        return tensor;
    }

    /// Uniform in ±1/√columns, as PyTorch initialises linear layers and PEFT an adapter's A.
    public static Tensor uniform(String name, long rows, long columns, Seed seed) {
        return uniform(name, rows, columns, 1 / Math.sqrt(columns), seed);
    }

    /// Uniform in ±bound.
    public static Tensor uniform(String name, long rows, long columns, double bound, Seed seed) {
        float[] values = new float[Math.toIntExact(rows * columns)];
        SplitMix random = seed.of(name).generator();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return Tensors.floats(values, rows, columns);
    }
}
