/// Carrying out a merge plan, tile by tile, on all cores.
@NullMarked
package dev.tailor.merge.internal.run;

import org.jspecify.annotations.NullMarked;
