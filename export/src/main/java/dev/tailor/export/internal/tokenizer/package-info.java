/// A `tokenizer.json` as GGUF metadata.
@NullMarked
package dev.tailor.export.internal.tokenizer;

import org.jspecify.annotations.NullMarked;
