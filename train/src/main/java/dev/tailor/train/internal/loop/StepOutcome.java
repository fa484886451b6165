package dev.tailor.train.internal.loop;

import java.util.Map;

/// What one step (before its update) found.
///
/// @param loss the mean over all scored tokens (or pairs) of all passes
/// @param positions positions the model has read
/// @param metrics what else is worth logging
record StepOutcome(double loss, long positions, Map<String, Double> metrics) {}
