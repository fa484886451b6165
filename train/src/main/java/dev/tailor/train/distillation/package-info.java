/// Losses of learning from a teacher model, as functions of logits and hidden states, each with its
/// derivative.
@NullMarked
package dev.tailor.train.distillation;

import org.jspecify.annotations.NullMarked;
