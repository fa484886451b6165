/// The one thread that computes, and what it works on.
@NullMarked
package dev.tailor.serve.internal.engine;

import org.jspecify.annotations.NullMarked;
