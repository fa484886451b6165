/// IFEval (Zhou et al. 2023): instructions whose following a program can verify.
@NullMarked
package dev.tailor.eval.ifeval;

import org.jspecify.annotations.NullMarked;
