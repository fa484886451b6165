package dev.tailor.torch.internal.nn;

import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The masks of dropout in one pass. A mask is a function of the pass's seed and the module's name
/// only, so that a recomputed layer and a resumed run drop the same units.
record Dropout(long seed) {
    /// For passes that nothing learns from, which drop nothing.
    static final Dropout NONE = new Dropout(0);

    /// A mask of 0 and `1 / (1 - probability)`, float32.
    Tensor mask(String module, double probability, long rows, long columns) {
        Tensor mask = Tensors.empty(ScalarType.Float, rows, columns);
        MemorySegment memory = Tensors.memory(mask);
        SplitMix random = new Seed(seed).of(module).generator();
        float scale = (float) (1 / (1 - probability));
        int threshold = (int) Math.round(probability * 0x1p24);
        long count = rows * columns;
        for (long i = 0; i < count; i++) {
            boolean dropped = (random.nextLong() >>> 40) < threshold;
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, dropped ? 0 : scale);
        }
        return Tensors.onDevice(mask);
    }
}
