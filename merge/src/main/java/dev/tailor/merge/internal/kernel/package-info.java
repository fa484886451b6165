/// The arithmetic of the merge methods on tiles of numbers.
@NullMarked
package dev.tailor.merge.internal.kernel;

import org.jspecify.annotations.NullMarked;
