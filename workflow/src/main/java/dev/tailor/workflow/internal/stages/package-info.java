/// How each kind of stage is done, and what its result is made from.
@NullMarked
package dev.tailor.workflow.internal.stages;

import org.jspecify.annotations.NullMarked;
