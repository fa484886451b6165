/// The report of a run: one HTML file that needs nothing else.
@NullMarked
package dev.tailor.workflow.report;

import org.jspecify.annotations.NullMarked;
