package dev.tailor.torch.internal.nn;

/// The part of a layer where positions see each other.
@FunctionalInterface
interface Mixing {
    /// From rotated queries and keys and from values, each `[positions, heads · headDim]` of its
    /// own number of heads, to what goes into the output projection.
    Value mix(Tape tape, Value q, Value k, Value v);
}
