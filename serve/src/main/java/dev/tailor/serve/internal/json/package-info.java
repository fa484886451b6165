/// Answers that are JSON whatever the model would rather say.
@NullMarked
package dev.tailor.serve.internal.json;

import org.jspecify.annotations.NullMarked;
