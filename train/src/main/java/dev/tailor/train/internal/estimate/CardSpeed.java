package dev.tailor.train.internal.estimate;

import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.Activations;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Precision;
import dev.tailor.train.Device;
import dev.tailor.train.TrainSettings;

/// Time on a graphics card by counting: operations of the matrix products over the card's rate, and
/// the optimiser's reads and writes over that of its memory. Nothing is measured.
public final class CardSpeed {
    /// The share of the maker's rate that training of dense decoders commonly reaches.
    private static final double UTILISATION = 0.3;

    private CardSpeed() {}

    /// Seconds of training.
    ///
    /// @param positions full passes, forward and back
    /// @param steps updates of the weights
    public static double seconds(
            TrainSettings settings, ModelSize size, Device device, double positions, long steps) {
        boolean single = settings.precision() == Precision.FLOAT32;
        double rate = UTILISATION * (single ? device.float32Flops() : device.bfloat16Flops());
        long state =
                size.stateBytes(settings.optimizer(), settings.precision()) + 8 * size.trainable();
        return positions * operations(settings, size) / rate
                + 2.0 * state * steps / device.bytesPerSecond();
    }

    /// Operations of a position, forward and back: two per value of a matrix forward, as many for
    /// the derivative by what came in, as many again for a matrix's own gradient.
    private static double operations(TrainSettings settings, ModelSize size) {
        DecoderConfig config = size.config();
        double inside = 2.0 * activeMatrices(size);
        double seen = Math.min(settings.sequenceLength(), config.maxPositions()) / 2.0;
        double attention =
                4.0
                        * seen
                        * config.attention().heads()
                        * config.attention().headDim()
                        * config.layers();
        double forward = inside + attention;
        double again = settings.activations() == Activations.RECOMPUTE ? forward : 0;
        double head = 2.0 * size.headValues();
        double adapters = 6.0 * size.adapterValues();
        return 2 * forward
                + again
                + size.layerShare() * inside
                + (size.headLearns() ? 3 : 2) * head
                + attention
                + adapters;
    }

    /// Values of the matrices in the layers that a position meets.
    private static double activeMatrices(ModelSize size) {
        double values = 0;
        for (TensorInfo info : size.tensors()) {
            if (ModelSize.isLayerMatrix(info)) {
                boolean routed = info.name().contains(".experts.");
                double share =
                        routed
                                ? size.config()
                                        .experts()
                                        .map(e -> (double) e.perToken() / e.count())
                                        .orElse(1.0)
                                : 1;
                values += share * info.elements();
            }
        }
        return values;
    }
}
