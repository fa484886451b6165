/// How IFEval's instructions are checked, and the sentences, words and languages they ask about.
@NullMarked
package dev.tailor.eval.internal.ifeval;

import org.jspecify.annotations.NullMarked;
