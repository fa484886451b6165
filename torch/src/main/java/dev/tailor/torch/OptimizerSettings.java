package dev.tailor.torch;

/// Which rule turns gradients into updates. All keep float32 values of the weights; where norms and
/// biases have weight decay is said by [AdamWSettings] alone, the others decay matrices only.
public sealed interface OptimizerSettings
        permits AdamWSettings,
                OptimizerSettings.AdamW8Bit,
                OptimizerSettings.Lion,
                OptimizerSettings.Adafactor,
                OptimizerSettings.Muon,
                OptimizerSettings.ScheduleFree {
    /// Decoupled weight decay, at least 0.
    double weightDecay();

    /// Bytes that the rule remembers of each value that learns, at most; the weights' own float32
    /// values are not counted.
    double bytesPerValue();

    /// AdamW whose moments are kept in 8 bits a value, in blocks of 256 with a scale each (Dettmers
    /// et al. 2022, arXiv 2110.02861). Tensors of fewer than 4,096 values keep them in float32.
    record AdamW8Bit(AdamWSettings adamW) implements OptimizerSettings {
        @Override
        public double weightDecay() {
            return adamW.weightDecay();
        }

        @Override
        public double bytesPerValue() {
            return 2 * (1 + 4.0 / 256);
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
        public double bytesPerValue() {
            return 4;
        }
    }

    /// Second moments kept as a mean per row and per column (Shazeer and Stern 2018, arXiv
    /// 1804.04235) with the learning rate as given: no scaling by the parameter's size, no rate of
    /// its own, as transformers' trainer uses it.
    record Adafactor(double weightDecay) implements OptimizerSettings {
        /// A row of 64 columns keeps 4 bytes for itself and 4 for every column: wider ones less.
        @Override
        public double bytesPerValue() {
            return 0.25;
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

        /// The matrices need half of that.
        @Override
        public double bytesPerValue() {
            return 8;
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

        @Override
        public double bytesPerValue() {
            return 12;
        }
    }
}
