/// Markup that data cannot break out of, for pages that stand alone.
@NullMarked
package dev.tailor.core.html;

import org.jspecify.annotations.NullMarked;
