/// Tasks, metrics, boards and gates over a `LanguageModel`.
@NullMarked
package dev.tailor.eval;

import org.jspecify.annotations.NullMarked;
