/// Weights in NF4 with the keys of bitsandbytes.
@NullMarked
package dev.tailor.export.internal.nf4;

import org.jspecify.annotations.NullMarked;
