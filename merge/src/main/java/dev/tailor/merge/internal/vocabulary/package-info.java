/// Vocabularies in merges: one tokenizer for models that number their tokens differently, and the
/// row of each model that a token takes its embedding from.
@NullMarked
package dev.tailor.merge.internal.vocabulary;

import org.jspecify.annotations.NullMarked;
