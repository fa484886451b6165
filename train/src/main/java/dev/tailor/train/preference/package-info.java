/// Losses of preference learning as functions of log-probabilities, each with its derivative.
@NullMarked
package dev.tailor.train.preference;

import org.jspecify.annotations.NullMarked;
