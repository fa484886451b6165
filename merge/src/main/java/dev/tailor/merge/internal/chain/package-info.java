/// Merges that build on one another.
@NullMarked
package dev.tailor.merge.internal.chain;

import org.jspecify.annotations.NullMarked;
