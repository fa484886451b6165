package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Norm.Placement;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;

/// Bytes that a pass of so many positions holds between layers and within one.
///
/// @param element bytes of a value
record Activity(ModelSize size, long element, long positions) {
    /// What every layer on the way back keeps.
    long layers() {
        return positions
                * element
                * (size.recordedLayers() * layer() + size.adapterActivations() + ends());
    }

    /// The same where every layer keeps its input alone.
    long inputs() {
        return positions * element * (size.recordedLayers() * hidden() + ends());
    }

    /// One layer's way back: derivatives of what it kept, attention in float32 and, where it is
    /// computed again, what it keeps then.
    long layerBackward(boolean again) {
        long derivatives = positions * element * layer();
        long attention = positions * queries() * 4 * 8;
        long layers = Math.max(1, size.config().layers());
        long adapter = positions * element * size.adapterActivations() / layers;
        return attention + derivatives + (again ? derivatives + adapter : 0);
    }

    /// What leaves the last layer, and the derivative by it.
    private long ends() {
        return 2 * hidden();
    }

    private long hidden() {
        return size.config().hiddenSize();
    }

    private long queries() {
        DecoderConfig.Attention attention = size.config().attention();
        return (long) attention.heads() * attention.headDim();
    }

    /// Values one layer keeps per position: its two inputs, queries, keys, values, what attention
    /// gives, gate and up of the MLP or of the experts it goes to, and what norms of queries and
    /// keys, and those after a part, read. Norms' outputs and the MLP's product are made again.
    private long layer() {
        DecoderConfig config = size.config();
        long keys = (long) config.attention().keyValueHeads() * config.attention().headDim();
        boolean normsHeads = config.attention().queryKeyNorm() != QueryKeyNorm.NONE;
        boolean normsAfter = config.norm().placement() != Placement.BEFORE;
        return 2 * hidden()
                + 2 * queries()
                + 2 * keys
                + 2 * config.widestMlp()
                + config.attention().heads()
                + (normsHeads ? queries() + keys : 0)
                + (normsAfter ? 2 * hidden() : 0);
    }

    /// What an adapter's matrices in the layers keep per position: what lies between the two, and
    /// with DoRA the direction.
    static long ofAdapter(Iterable<TensorInfo> adapter, boolean dora) {
        long values = 0;
        for (TensorInfo info : adapter) {
            if (info.name().contains(".lora_A")) {
                values += info.shape().getFirst();
            } else if (dora && info.name().contains(".lora_B")) {
                values += info.shape().getFirst();
            }
        }
        return values;
    }
}
