package dev.tailor.train.preference;

/// A loss of the margin `d` between the two answers. With another [Divergence] than reverse KL, the
/// answers' scores take the place of their log-ratios in `d`.
///
/// | loss | formula, `x = b d` | source |
/// |---|---|---|
/// | sigmoid | `-(1 - e) log s(x) - e log s(-x)` | DPO, arXiv 2305.18290 eq. 7; with `e > 0` cDPO (Mitchell 2023) |
/// | hinge | `max(0, 1 - x)` | SLiC-HF, arXiv 2305.10425; RSO, arXiv 2309.06657 |
/// | ipo | `(d' - 1 / (2 b))^2`, `d'` from scores per token | IPO, arXiv 2310.12036 eq. 17 |
/// | robust | `(-(1 - e) log s(x) + e log s(-x)) / (1 - 2 e)` | robust DPO, arXiv 2403.00409 |
/// | exo-pair | `s(x) log(s(x) / (1 - e)) + s(-x) log(s(-x) / e)` | EXO, arXiv 2402.00856 eq. 16 |
/// | discopop | `(1 - m) (-log s(x)) + m e^-x`, `m = s(x / t)` | DiscoPOP, arXiv 2406.08414 eq. 5 |
/// | sigmoid-norm | `-log s(b d')` | length-normalised DPO, as in Tülu 3, arXiv 2411.15124 |
public sealed interface MarginLoss extends PreferenceLoss {
    /// DPO. `labelSmoothing` is the share of pairs believed to be labelled the wrong way round, in
    /// [0, 0.5). (TRL 1.13 ignores it here; this is the formula of the note on cDPO.)
    record Sigmoid(double labelSmoothing) implements MarginLoss {
        public Sigmoid {
            Share.check(labelSmoothing);
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double x = scale.beta() * pair.margin();
            double e = labelSmoothing;
            return pair.ofMargin(
                    (1 - e) * Logistic.softplus(-x) + e * Logistic.softplus(x),
                    scale.beta() * (e * Logistic.of(x) - (1 - e) * Logistic.of(-x)));
        }
    }

    /// Stops pushing once the margin is reached.
    record Hinge() implements MarginLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double missing = 1 - scale.beta() * pair.margin();
            return pair.ofMargin(Math.max(0, missing), missing > 0 ? -scale.beta() : 0);
        }
    }

    /// A squared distance to a fixed margin; does not overfit where labels are certain. Per token,
    /// as the paper's authors meant it, so that long answers do not outweigh short ones.
    record Ipo() implements MarginLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double distance = pair.marginPerToken() - 1 / (2 * scale.beta());
            return pair.ofMarginPerToken(distance * distance, 2 * distance);
        }
    }

    /// Unbiased where a known share `labelSmoothing` of the labels, in [0, 0.5), is flipped.
    record Robust(double labelSmoothing) implements MarginLoss {
        public Robust {
            Share.check(labelSmoothing);
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double x = scale.beta() * pair.margin();
            double e = labelSmoothing;
            double whole = 1 - 2 * e;
            return pair.ofMargin(
                    ((1 - e) * Logistic.softplus(-x) - e * Logistic.softplus(x)) / whole,
                    -scale.beta() * ((1 - e) * Logistic.of(-x) + e * Logistic.of(x)) / whole);
        }
    }

    /// The reverse KL divergence between the policy's and the labels' view of which answer is
    /// better. `labelSmoothing` in (0, 0.5): at 0 the formula is infinite.
    record ExoPair(double labelSmoothing) implements MarginLoss {
        public ExoPair {
            Share.check(labelSmoothing);
            if (labelSmoothing == 0) {
                throw new IllegalArgumentException("label smoothing must be above 0");
            }
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double x = scale.beta() * pair.margin();
            double yes = Math.log1p(-labelSmoothing);
            double no = Math.log(labelSmoothing);
            // log s(x) = -softplus(-x)
            double loss =
                    Logistic.of(x) * (-Logistic.softplus(-x) - yes)
                            + Logistic.of(-x) * (-Logistic.softplus(x) - no);
            return pair.ofMargin(loss, scale.beta() * Logistic.slope(x) * (x - (yes - no)));
        }
    }

    /// A blend of the logistic and the exponential loss that a language model found by search.
    /// `temperature` (the paper's τ, 0.05) is above 0. The product `m e^-x` is computed as one
    /// exponential: apart, the factors overflow where the product is finite.
    record DiscoPop(double temperature) implements MarginLoss {
        public DiscoPop {
            if (!(temperature > 0 && temperature <= 1)) {
                throw new IllegalArgumentException(
                        "temperature must lie in (0, 1], not " + temperature);
            }
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double x = scale.beta() * pair.margin();
            double blend = Logistic.of(x / temperature);
            double blendSlope = Logistic.slope(x / temperature) / temperature;
            double logistic = Logistic.softplus(-x);
            double exponential = Math.exp(-x - Logistic.softplus(-x / temperature));
            double slope =
                    -blendSlope * logistic
                            - (1 - blend) * Logistic.of(-x)
                            + exponential * (Logistic.of(-x / temperature) / temperature - 1);
            return pair.ofMargin((1 - blend) * logistic + exponential, scale.beta() * slope);
        }
    }

    /// DPO on scores per token.
    record SigmoidNorm() implements MarginLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double x = scale.beta() * pair.marginPerToken();
            return pair.ofMarginPerToken(Logistic.softplus(-x), -scale.beta() * Logistic.of(-x));
        }
    }
}
