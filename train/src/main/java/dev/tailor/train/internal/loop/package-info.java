/// The training loop: steps, checkpoints, measurements, and the model that comes out.
@NullMarked
package dev.tailor.train.internal.loop;

import org.jspecify.annotations.NullMarked;
