package dev.tailor.torch.internal.nn;

/// What a layer needs to know about the batch besides its input.
record Batch(Angles angles, Segments segments, Dropout dropout) {}
