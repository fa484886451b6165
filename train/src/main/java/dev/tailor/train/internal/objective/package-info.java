/// Losses as functions of token log-probabilities, with their derivatives.
@NullMarked
package dev.tailor.train.internal.objective;

import org.jspecify.annotations.NullMarked;
