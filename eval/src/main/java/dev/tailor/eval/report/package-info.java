/// What evaluations amount to: gains over a base, histories, pages that stand alone.
@NullMarked
package dev.tailor.eval.report;

import org.jspecify.annotations.NullMarked;
