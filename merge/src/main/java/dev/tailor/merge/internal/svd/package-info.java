/// The best approximation of a matrix by one of low rank.
@NullMarked
package dev.tailor.merge.internal.svd;

import org.jspecify.annotations.NullMarked;
