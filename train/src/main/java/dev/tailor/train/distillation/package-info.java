/// Learning from a teacher model: losses as functions of logits and hidden states, each with its
/// derivative, and the reader of what a teacher has said.
@NullMarked
package dev.tailor.train.distillation;

import org.jspecify.annotations.NullMarked;
