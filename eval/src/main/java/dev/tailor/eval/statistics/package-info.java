/// What is noise: tests and intervals for two models over the same items.
@NullMarked
package dev.tailor.eval.statistics;

import org.jspecify.annotations.NullMarked;
