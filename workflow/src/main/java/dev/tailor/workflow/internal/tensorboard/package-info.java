/// TensorBoard event files, written without TensorFlow.
@NullMarked
package dev.tailor.workflow.internal.tensorboard;

import org.jspecify.annotations.NullMarked;
