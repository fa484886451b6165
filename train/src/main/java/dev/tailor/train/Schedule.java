package dev.tailor.train;

/// How the learning rate moves over a run, as a factor of its peak.
///
/// Step `s` counts from 0 and the run has `total` steps. The first `warmup` steps rise linearly
/// from 0, so that step 0 has a learning rate of 0 when there is any warm-up: this is transformers'
/// rule, and runs configured alike follow the same curve.
public sealed interface Schedule {
    /// The factor of step `step`.
    default double factor(long step, long warmup, long total) {
        if (step < warmup) {
            return (double) step / Math.max(1, warmup);
        }
        return switch (this) {
            case Falling falling -> {
                double progress = (double) (step - warmup) / Math.max(1, total - warmup);
                yield falling.afterWarmup(Math.min(1, progress));
            }
            case InverseSquareRoot endless -> endless.afterWarmup(step - warmup, warmup);
        };
    }

    /// A schedule that is stretched over the run.
    sealed interface Falling extends Schedule {
        /// The factor after warm-up; `progress` runs from 0 (end of warm-up) to 1 (end of the run).
        double afterWarmup(double progress);
    }

    /// Stays at the peak.
    record Constant() implements Falling {
        @Override
        public double afterWarmup(double progress) {
            return 1;
        }
    }

    /// Falls in a straight line to 0 at the end of the run.
    record Linear() implements Falling {
        @Override
        public double afterWarmup(double progress) {
            return 1 - progress;
        }
    }

    /// Half a cosine wave from the peak down to `minimum` times the peak (Loshchilov and Hutter
    /// 2017, without restarts). `minimum` lies in [0, 1].
    record Cosine(double minimum) implements Falling {
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
    record WarmupStableDecay(double decay, double minimum) implements Falling {
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

    /// Falls with the `power` of what is left of the run, from the peak to `minimum` times the
    /// peak: `minimum + (1 - minimum) (1 - progress)^power`. transformers names the end `lr_end`,
    /// as a rate.
    record Polynomial(double power, double minimum) implements Falling {
        public Polynomial {
            requireShare("minimum", minimum);
            if (!(power > 0) || Double.isInfinite(power)) {
                throw new IllegalArgumentException("power must be positive, not " + power);
            }
        }

        @Override
        public double afterWarmup(double progress) {
            return minimum + (1 - minimum) * Math.pow(1 - progress, power);
        }
    }

    /// Falls with the inverse square root of the steps, however long the run is: `1 / √(1 + k / t)`
    /// for the k-th step after warm-up (Vaswani et al. 2017, section 5.3, and Zhai et al. 2022 for
    /// the time scale t). For a run whose length is not known, or that is to be continued.
    ///
    /// @param timescale t in steps; 0 for the steps of warm-up, or 10,000 if there are none
    record InverseSquareRoot(long timescale) implements Schedule {
        private static final long WITHOUT_WARMUP = 10_000;

        public InverseSquareRoot {
            if (timescale < 0) {
                throw new IllegalArgumentException(
                        "timescale must be at least 0, not " + timescale);
            }
        }

        double afterWarmup(long since, long warmup) {
            long byDefault = warmup > 0 ? warmup : WITHOUT_WARMUP;
            long scale = timescale > 0 ? timescale : byDefault;
            return 1 / Math.sqrt(1 + (double) since / scale);
        }
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must lie in [0, 1], not " + value);
        }
    }
}
