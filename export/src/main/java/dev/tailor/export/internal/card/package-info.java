/// Model cards as text.
@NullMarked
package dev.tailor.export.internal.card;

import org.jspecify.annotations.NullMarked;
