package dev.tailor.torch;

/// Where models compute, all of a process alike.
public enum ComputeDevice {
    /// The processor, by kernels of Tailor's own.
    CPU,
    /// An NVIDIA card, by libtorch's operators.
    CUDA,
    /// The processor, by the operators that a card is used with: slower than [#CPU], for trying
    /// them where there is no card.
    CPU_OPERATORS
}
