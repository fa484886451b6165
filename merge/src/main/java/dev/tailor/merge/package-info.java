/// Merging models: methods, layer surgery, adapters.
@NullMarked
package dev.tailor.merge;

import org.jspecify.annotations.NullMarked;
