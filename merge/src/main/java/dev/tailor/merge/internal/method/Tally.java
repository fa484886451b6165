package dev.tailor.merge.internal.method;

/// Is shown what thinning leaves of the models' differences to the origin.
@FunctionalInterface
public interface Tally {
    /// A tally of nothing.
    Tally NONE = (model, tile, d, n) -> {};

    /// Sees `n` elements of a tile of a model's difference, what is dropped being 0.
    ///
    /// @param model counted from the first one after the origin
    void thinned(int model, int tile, float[] d, int n);
}
