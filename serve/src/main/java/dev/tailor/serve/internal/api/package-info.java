/// What clients ask and are answered, as JSON of OpenAI's shape.
@NullMarked
package dev.tailor.serve.internal.api;

import org.jspecify.annotations.NullMarked;
