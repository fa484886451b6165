/// What a teacher says: asked as the student learns, or kept on disk.
@NullMarked
package dev.tailor.train.internal.distil;

import org.jspecify.annotations.NullMarked;
