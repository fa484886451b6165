/// Finding the adapter that stands between two models.
@NullMarked
package dev.tailor.merge.internal.extract;

import org.jspecify.annotations.NullMarked;
