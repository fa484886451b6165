/// From samples to batches: token sequences on disk, packed rows, the order they are seen in.
@NullMarked
package dev.tailor.train.internal.batch;

import org.jspecify.annotations.NullMarked;
