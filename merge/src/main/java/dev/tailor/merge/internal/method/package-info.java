/// The arithmetic of the merge methods, tile by tile.
@NullMarked
package dev.tailor.merge.internal.method;

import org.jspecify.annotations.NullMarked;
