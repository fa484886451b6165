package dev.tailor.train.preference;

/// A share of flipped labels.
final class Share {
    private Share() {}

    static void check(double labelSmoothing) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
            throw new IllegalArgumentException(
                    "label smoothing must lie in [0, 0.5), not " + labelSmoothing);
        }
    }
}
