package dev.tailor.train;

/// How the learning rate moves over a run, as a factor of its peak.
///
/// Step `s` counts from 0 and the run has `total` steps. The first `warmup` steps rise linearly
/// from 0, so that step 0 has a learning rate of 0 when there is any warm-up: this is transformers'
/// rule, and runs configured alike follow the same curve.
public sealed interface Schedule {
    /// The factor after warm-up; `progress` runs from 0 (end of warm-up) to 1 (end of the run).
    double afterWarmup(double progress);

    /// The factor of step `step`.
    default double factor(long step, long warmup, long total) {
        if (step < warmup) {
            return (double) step / Math.max(1, warmup);
        }
        double progress = (double) (step - warmup) / Math.max(1, total - warmup);
        return afterWarmup(Math.min(1, progress));
    }

    /// Stays at the peak.
    record Constant() implements Schedule {
        @Override
        public double afterWarmup(double progress) {
            return 1;
        }
    }

    /// Falls in a straight line to 0 at the end of the run.
    record Linear() implements Schedule {
        @Override
        public double afterWarmup(double progress) {
            return 1 - progress;
        }
    }

    /// Half a cosine wave from the peak down to `minimum` times the peak (Loshchilov and Hutter
    /// 2017, without restarts). `minimum` lies in [0, 1].
    record Cosine(double minimum) implements Schedule {
        public Cosine {
            requireShare("minimum", minimum);
        }

        @Override
        public double afterWarmup(double progress) {
            return minimum + (1 - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    }

    /// Warm-up, stable, decay: stays at the peak, then falls in a straight line to `minimum` times
    /// the peak over the last `decay` share of the steps after warm-up.
    record WarmupStableDecay(double decay, double minimum) implements Schedule {
        public WarmupStableDecay {
            requireShare("decay", decay);
            requireShare("minimum", minimum);
        }

        @Override
        public double afterWarmup(double progress) {
            double start = 1 - decay;
            if (progress <= start || decay == 0) {
                return 1;
            }
            return 1 - (1 - minimum) * (progress - start) / decay;
        }
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must lie in [0, 1], not " + value);
        }
    }
}
