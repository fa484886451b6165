/// Objectives, tuning strategies, the training loop, checkpoints and Spectrum.
@NullMarked
package dev.tailor.train;

import org.jspecify.annotations.NullMarked;
