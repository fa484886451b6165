/// The tasks of lm-evaluation-harness: its task files, its way to ask a model, its scores.
@NullMarked
package dev.tailor.eval.harness;

import org.jspecify.annotations.NullMarked;
