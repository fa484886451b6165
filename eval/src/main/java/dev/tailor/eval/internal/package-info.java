/// How answers are compared, and how tables are drawn.
@NullMarked
package dev.tailor.eval.internal;

import org.jspecify.annotations.NullMarked;
