/// Ways out: GGUF files, Modelfiles and model cards.
@NullMarked
package dev.tailor.export;

import org.jspecify.annotations.NullMarked;
