/// Tokenizers, chat templates with spans, loss masks and packing.
@NullMarked
package dev.tailor.text;

import org.jspecify.annotations.NullMarked;
