/// What can be wrong with a model directory.
@NullMarked
package dev.tailor.export.internal.check;

import org.jspecify.annotations.NullMarked;
