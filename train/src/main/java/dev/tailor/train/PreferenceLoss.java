package dev.tailor.train;

/// What a pair of answers costs, given how far the model has moved towards each of them.
///
/// With `beta` the strength of the pull to the reference and `delta = (policy - reference)(chosen)
/// - (policy - reference)(rejected)` in log-probability:
///
/// | loss | formula | source |
/// |---|---|---|
/// | sigmoid | `-(1 - e) log s(beta delta) - e log s(-beta delta)` | DPO, arXiv 2305.18290 eq. 7; with `e > 0` conservative DPO |
/// | hinge | `max(0, 1 - beta delta)` | SLiC, arXiv 2305.10425 |
/// | ipo | `(delta' - 1 / (2 beta))^2`, `delta'` from log-probabilities per token | IPO, arXiv 2310.12036 eq. 17 |
public sealed interface PreferenceLoss {
    /// DPO. `labelSmoothing` is the share of pairs believed to be labelled the wrong way round, in
    /// [0, 0.5).
    record Sigmoid(double labelSmoothing) implements PreferenceLoss {
        public Sigmoid {
            if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
                throw new IllegalArgumentException(
                        "label smoothing must lie in [0, 0.5), not " + labelSmoothing);
            }
        }
    }

    /// Stops pushing once the margin is reached.
    record Hinge() implements PreferenceLoss {}

    /// A squared distance to a fixed margin; does not overfit where labels are certain.
    record Ipo() implements PreferenceLoss {}
}
