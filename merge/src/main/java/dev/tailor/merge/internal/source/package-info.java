/// Where the numbers of a merge come from: checkpoints, and checkpoints with an adapter.
@NullMarked
package dev.tailor.merge.internal.source;

import org.jspecify.annotations.NullMarked;
