/// Tensors in tiles, and the threads and buffers that work on them.
@NullMarked
package dev.tailor.merge.internal.tile;

import org.jspecify.annotations.NullMarked;
