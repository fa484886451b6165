package dev.tailor.train.internal.estimate;

import dev.tailor.torch.Activations;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Precision;
import dev.tailor.train.TrainEstimate.Memory;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.internal.loop.SlackMemory;

/// Peak memory from shapes alone. What is counted is what the decoder keeps: see the torch module's
/// layer, attention and head.
public final class MemoryModel {
    /// libtorch with its thread pools, the Java runtime, and the part of the Java heap that fills
    /// up before the first collection.
    private static final long FIXED = 360L << 20;

    /// Rows of logits that stand in memory at once; twice as many where the head learns.
    private static final long LOGIT_ROWS = 256;

    private MemoryModel() {}

    /// The memory of a request.
    public static Memory of(TrainRequest request, ModelSize size, PassSize pass) {
        TrainSettings settings = request.settings();
        boolean full = settings.precision() == Precision.FLOAT32;
        long element = full ? 4 : 2;
        long ofTheModel = size.trainable() - size.adapter();
        long masters = full ? 0 : 4 * ofTheModel;
        long remembered = size.adapter() > 0 ? element * ofTheModel : 0;
        long dense = size.parameters() - size.quantised().values();
        Memory needed =
                new Memory(
                        dense * element
                                + size.quantised().bytes()
                                + 4 * size.adapter()
                                + remembered,
                        4 * size.trainable(),
                        Math.round(settings.stateBytesPerValue() * size.trainable()) + masters,
                        activations(
                                size.config(), settings.activations(), element, pass.positions()),
                        workspace(size, settings.activations(), element, pass.positions()),
                        FIXED,
                        0);
        return needed.withSlack(SlackMemory.allowance(needed.peak()));
    }

    private static long activations(
            DecoderConfig config, Activations kept, long element, long positions) {
        long perLayer =
                switch (kept) {
                    case KEEP -> layer(config) * element;
                    case RECOMPUTE -> config.hiddenSize() * element;
                };
        return positions * (config.layers() * perLayer + 2 * config.hiddenSize() * element);
    }

    /// Values one layer keeps per position: its two inputs, queries, keys, values, what attention
    /// gives, gate and up of the MLP or of the experts it goes to. Norms' outputs and the MLP's
    /// product are made again.
    private static long layer(DecoderConfig config) {
        long queries = (long) config.attention().heads() * config.attention().headDim();
        long keys = (long) config.attention().keyValueHeads() * config.attention().headDim();
        return 2L * config.hiddenSize()
                + 2 * queries
                + 2 * keys
                + 2L * config.widestMlp()
                + config.attention().heads();
    }

    /// One layer's way back (its derivatives, attention in float32, its activations again where
    /// they were not kept) and the head's logits. They are not needed at the same time, but what is
    /// freed in between mostly stays with the allocator.
    private static long workspace(ModelSize size, Activations kept, long element, long positions) {
        DecoderConfig config = size.config();
        long queries = (long) config.attention().heads() * config.attention().headDim();
        long attention = positions * queries * 4 * 8;
        long derivatives = positions * layer(config) * element;
        long again = kept == Activations.RECOMPUTE ? derivatives : 0;
        long dequantised = size.quantised().largest() * element;
        return attention + derivatives + again + dequantised + head(size, element, positions);
    }

    private static long head(ModelSize size, long element, long positions) {
        long matrix = (long) size.config().vocabularySize() * size.config().hiddenSize();
        long rows = size.adapter() > 0 ? LOGIT_ROWS : 2 * LOGIT_ROWS;
        long logits = Math.min(positions, rows) * size.config().vocabularySize() * element;
        // oneDNN's copy of the head's matrix, and the sum of its gradients in float32
        return logits + matrix * element + (size.adapter() > 0 ? 0 : 4 * matrix);
    }
}
