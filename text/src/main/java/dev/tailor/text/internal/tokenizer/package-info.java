/// The native tokenizer and the files it is read from.
@NullMarked
package dev.tailor.text.internal.tokenizer;

import org.jspecify.annotations.NullMarked;
