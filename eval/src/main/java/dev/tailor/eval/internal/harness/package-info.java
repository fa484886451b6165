/// What the task files of lm-evaluation-harness rest on: Python's random numbers, literals and
/// regular expressions, filters, and the statistics of scores.
@NullMarked
package dev.tailor.eval.internal.harness;

import org.jspecify.annotations.NullMarked;
