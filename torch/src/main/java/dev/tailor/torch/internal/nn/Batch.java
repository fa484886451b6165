package dev.tailor.torch.internal.nn;

import java.util.Optional;

/// What a layer needs to know about the batch besides its input.
///
/// @param angles how queries and keys rotate; empty where they do not
/// @param mixing lets positions see each other: attention within segments, or over a cache
record Batch(Optional<Angles> angles, Mixing mixing, Dropout dropout, RouterBalance balance) {}
