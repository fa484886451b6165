package dev.tailor.torch;

import java.util.List;

/// Which rule turns gradients into updates. All work on float32 values of the weights; where norms
/// and biases have weight decay is said by [AdamWSettings] alone, the others decay matrices only.
public sealed interface OptimizerSettings
        permits AdamWSettings,
                OptimizerSettings.AdamW8Bit,
                OptimizerSettings.Lion,
                OptimizerSettings.Adafactor,
                OptimizerSettings.Muon,
                OptimizerSettings.ScheduleFree {
    /// Decoupled weight decay, at least 0.
    double weightDecay();

    /// Bytes that the rule remembers of a parameter; the value itself and, of a bfloat16 one, its
    /// lower halves are not counted.
    ///
    /// @param name the parameter's name
    /// @param shape its sizes
    /// @param precision the number format it is kept in
    long stateBytes(String name, List<Long> shape, Precision precision);

    /// The number of values of a shape.
    private static long values(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// AdamW whose moments are kept in 8 bits a value, in blocks of 256 with a scale each (Dettmers
    /// et al. 2022, arXiv 2110.02861). Tensors of fewer than 4,096 values keep them as AdamW does.
    record AdamW8Bit(AdamWSettings adamW) implements OptimizerSettings {
        /// Values from which on moments are kept in 8 bits, as in bitsandbytes.
        public static final int FEWEST = 4096;

        @Override
        public double weightDecay() {
            return adamW.weightDecay();
        }

        /// A code for each value and a scale for each block of 256, both twice.
        @Override
        public long stateBytes(String name, List<Long> shape, Precision precision) {
            long n = values(shape);
            return n < FEWEST
                    ? adamW.stateBytes(name, shape, precision)
                    : 2 * (n + 4 * ((n + 255) / 256));
        }
    }

    /// Steps of the same length in every weight, along the sign of an average of gradients (Chen et
    /// al. 2023, arXiv 2302.06675). Wants about a tenth of AdamW's learning rate.
    record Lion(double beta1, double beta2, double weightDecay) implements OptimizerSettings {
        /// β 0.9 and 0.99.
        public static Lion defaults(double weightDecay) {
            return new Lion(0.9, 0.99, weightDecay);
        }

        @Override
        public long stateBytes(String name, List<Long> shape, Precision precision) {
            return 4 * values(shape);
        }
    }

    /// Second moments kept as a mean per row and per column (Shazeer and Stern 2018, arXiv
    /// 1804.04235) with the learning rate as given: no scaling by the parameter's size, no rate of
    /// its own, as transformers' trainer uses it.
    record Adafactor(double weightDecay) implements OptimizerSettings {
        /// The means of rows and of columns; a vector has a mean for each value and one more.
        @Override
        public long stateBytes(String name, List<Long> shape, Precision precision) {
            long columns = shape.getLast();
            return 4 * (values(shape) / columns + columns);
        }
    }

    /// Momentum made orthogonal by Newton-Schulz steps (Jordan et al. 2024) for the matrices
    /// between embedding and head; `rest` for all else. Updates have the size of AdamW's (Liu et
    /// al. 2025, arXiv 2502.16982, equation 4), so that one learning rate serves both.
    record Muon(double momentum, AdamWSettings rest) implements OptimizerSettings {
        /// Momentum 0.95.
        public static Muon defaults(double weightDecay) {
            return new Muon(0.95, AdamWSettings.defaults(weightDecay));
        }

        @Override
        public double weightDecay() {
            return rest.weightDecay();
        }

        /// Whether a parameter is a matrix between embedding and head; all else is the rest's.
        public static boolean serves(String name, List<Long> shape) {
            return shape.size() == 2 && !name.contains("embed_tokens") && !name.contains("lm_head");
        }

        @Override
        public long stateBytes(String name, List<Long> shape, Precision precision) {
            return serves(name, shape)
                    ? 4 * values(shape)
                    : rest.stateBytes(name, shape, precision);
        }
    }

    /// AdamW without a schedule: learns at a point between a fast sequence and its average (Defazio
    /// et al. 2024, arXiv 2405.15682); the average is the result. `adamW.beta1` is the weight of
    /// the average in that point. Goes with a constant schedule and warm-up.
    record ScheduleFree(AdamWSettings adamW) implements OptimizerSettings {
        @Override
        public double weightDecay() {
            return adamW.weightDecay();
        }

        /// The fast sequence, the average, the second moment, and two numbers.
        @Override
        public long stateBytes(String name, List<Long> shape, Precision precision) {
            return 12 * values(shape) + 16;
        }
    }
}
