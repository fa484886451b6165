package dev.tailor.export.internal.gguf;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufFile;

import java.util.List;

/// Compares a written file, read back, with the model it was made from.
///
/// @param maxAbsoluteError largest difference of one weight
/// @param relativeError the worst tensor's root mean square error over its root mean square
public record ReadBack(double maxAbsoluteError, double relativeError) {
    /// Above this something other than rounding happened; q8_0 of normally distributed weights is
    /// at 0.006, f16 at 0.0003.
    private static final double IMPOSSIBLE = 0.1;

    /// The same for types of fewer bits: q4_0 of such weights is at 0.09, of weights with a few
    /// large ones among them higher.
    private static final double IMPOSSIBLE_OF_FEW_BITS = 0.5;

    /// Reads every tensor of the file, several at a time.
    ///
    /// @throws TailorException `INTERNAL` if a tensor is not the model's
    public static ReadBack compare(
            GgufFile file,
            Checkpoint checkpoint,
            List<ModelTensors.Mapping> mappings,
            Cancellation cancellation) {
        return mappings.parallelStream()
                .map(mapping -> {
                    cancellation.check();
                    return compare(file, checkpoint, mapping);
                })
                .reduce(new ReadBack(0, 0), ReadBack::worst);
    }

    private static ReadBack compare(
            GgufFile file, Checkpoint checkpoint, ModelTensors.Mapping mapping) {
        Sums sums = new Sums();
        TensorStream.read(
                checkpoint,
                mapping,
                (first, values, count) -> sums.add(file, mapping, first, values, count));
        GgmlType type = file.tensor(mapping.target()).orElseThrow().type();
        boolean fewBits = type.blockBytes() < type.blockElements();
        if (!(sums.relative() <= (fewBits ? IMPOSSIBLE_OF_FEW_BITS : IMPOSSIBLE))) {
            throw TailorException.of(
                            ErrorCode.INTERNAL,
                            "the tensor read back differs by %.3g of its size"
                                    .formatted(sums.relative()))
                    .at(mapping.target());
        }
        return new ReadBack(sums.largest, sums.relative());
    }

    private ReadBack worst(ReadBack other) {
        return new ReadBack(
                Math.max(maxAbsoluteError, other.maxAbsoluteError),
                Math.max(relativeError, other.relativeError));
    }

    private static final class Sums {
        private double largest;
        private double squaredError;
        private double squares;
        private float[] stored = new float[0];

        void add(
                GgufFile file,
                ModelTensors.Mapping mapping,
                long first,
                float[] values,
                int count) {
            if (stored.length != count) {
                stored = new float[count];
            }
            file.read(mapping.target(), first, stored);
            for (int i = 0; i < count; i++) {
                double error = Math.abs((double) stored[i] - values[i]);
                largest = Math.max(largest, error);
                squaredError += error * error;
                squares += (double) values[i] * values[i];
            }
        }

        double relative() {
            return squares == 0 ? Math.sqrt(squaredError) : Math.sqrt(squaredError / squares);
        }
    }
}
