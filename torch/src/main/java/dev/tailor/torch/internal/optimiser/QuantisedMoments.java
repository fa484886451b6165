package dev.tailor.torch.internal.optimiser;

import dev.tailor.torch.AdamWSettings;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.AdamWUpdate;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/// AdamW's moments in 8 bits a value: the first in the signed, the second in the unsigned dynamic
/// map, each block of 256 values scaled by its largest magnitude (Dettmers et al. 2022, sections
/// 2.1 and 2.2). An update uses the moments before they are rounded.
final class QuantisedMoments extends ParameterState {
    private final AdamWSettings settings;
    private final double decay;
    private final Codes first;
    private final Codes second;

    QuantisedMoments(Parameter parameter, AdamWSettings settings) {
        super(parameter);
        this.settings = settings;
        this.decay = decay(parameter, settings);
        this.first = codes(DynamicMap.SIGNED);
        this.second = codes(DynamicMap.UNSIGNED);
    }

    private Codes codes(DynamicMap map) {
        long n = parameter().data().numel();
        return new Codes(
                map,
                keep(() -> Tensors.zeros(ScalarType.Byte, n)),
                keep(() ->
                        Tensors.zeros(
                                ScalarType.Float, (n + DynamicMap.BLOCK - 1) / DynamicMap.BLOCK)));
    }

    @Override
    Map<String, Tensor> memories() {
        return Map.of(
                "first", first.codes(),
                "first-scale", first.scales(),
                "second", second.codes(),
                "second-scale", second.scales());
    }

    @Override
    void update(Tensor gradient, Step step) {
        AdamWUpdate rule =
                AdamWUpdate.of(
                        settings, step.number(), step.learningRate(), decay, step.gradientScale());
        Tiles gradients = Tiles.of(gradient);
        Tiles values = values();
        Parallel.rows(
                values.count(),
                (from, to) -> {
                    float[] g = new float[Tiles.SIZE];
                    float[] x = new float[Tiles.SIZE];
                    float[] m = new float[Tiles.SIZE];
                    float[] v = new float[Tiles.SIZE];
                    for (int t = from; t < to; t++) {
                        gradients.load(t, g);
                        int n = values.load(t, x);
                        first.load(t, m, n);
                        second.load(t, v, n);
                        rule.apply(x, g, m, v, n);
                        first.store(t, m, n);
                        second.store(t, v, n);
                        values.store(t, x);
                    }
                });
    }

    /// One moment: a code for each value and a scale for each block. A tile is a whole number of
    /// blocks.
    private record Codes(DynamicMap map, Tensor codes, Tensor scales) {
        void load(int tile, float[] into, int n) {
            long start = (long) tile * Tiles.SIZE;
            map.decode(codeMemory(), scaleMemory(), start, into, n);
        }

        void store(int tile, float[] from, int n) {
            long start = (long) tile * Tiles.SIZE;
            map.encode(from, n, codeMemory(), scaleMemory(), start);
        }

        private MemorySegment codeMemory() {
            return Tensors.memory(codes);
        }

        private MemorySegment scaleMemory() {
            return Tensors.memory(scales);
        }
    }
}
