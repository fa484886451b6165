package dev.tailor.torch.internal.nn;

/// What a layer needs to know about the batch besides its input.
///
/// @param mixing lets positions see each other: attention within segments, or over a cache
record Batch(Angles angles, Mixing mixing, Dropout dropout) {}
