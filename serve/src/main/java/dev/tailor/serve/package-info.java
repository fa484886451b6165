/// The server: a model behind an HTTP interface that is OpenAI's.
@NullMarked
package dev.tailor.serve;

import org.jspecify.annotations.NullMarked;
