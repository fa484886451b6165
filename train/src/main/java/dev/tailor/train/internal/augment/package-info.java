/// Instruction-augmented texts as running text.
@NullMarked
package dev.tailor.train.internal.augment;

import org.jspecify.annotations.NullMarked;
