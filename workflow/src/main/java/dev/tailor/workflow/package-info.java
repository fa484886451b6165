/// Recipe, plan and run: stage cache, lineage and report.
@NullMarked
package dev.tailor.workflow;

import org.jspecify.annotations.NullMarked;
