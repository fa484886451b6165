/// What training takes: memory, disk and time, before it runs.
@NullMarked
package dev.tailor.train.internal.estimate;

import org.jspecify.annotations.NullMarked;
