package dev.tailor.torch.internal.nn;

import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The noise of NEFTune (Jain et al. 2023, arXiv 2310.05914, algorithm 1): every value of an
/// embedded sequence moves by up to `alpha / √(L d)` either way, with L the positions of its own
/// sequence and d the hidden size. A function of the pass's seed alone.
record EmbeddingNoise(double alpha, long seed) {
    /// Adds the noise to `[positions, hidden]`.
    void addTo(Tensor embedded, int[] segmentLengths) {
        if (alpha == 0) {
            return;
        }
        long hidden = embedded.size(1);
        Tensor noise = Tensors.empty(ScalarType.Float, embedded.size(0), hidden);
        MemorySegment memory = Tensors.memory(noise);
        SplitMix random = new Seed(seed).of("embedding noise").generator();
        long at = 0;
        for (int length : segmentLengths) {
            float reach = (float) (alpha / Math.sqrt((double) length * hidden));
            for (long end = at + length * hidden; at < end; at++) {
                float uniform = (random.nextLong() >>> 40) * 0x1p-24f;
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, at, (2 * uniform - 1) * reach);
            }
        }
        embedded.add_(Tensors.onDevice(noise));
    }
}
