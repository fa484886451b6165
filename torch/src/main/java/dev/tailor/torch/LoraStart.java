package dev.tailor.torch;

/// What a fresh adapter begins with.
public enum LoraStart {
    /// A uniform, B zero: the model answers as before.
    ZERO,
    /// The largest singular values of the weight and their vectors, which the weight then lacks
    /// (PiSSA, Meng et al. 2024, arXiv 2404.02948): the model answers as before, and learns along
    /// its principal directions.
    PRINCIPAL
}
