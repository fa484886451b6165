/// What a run leaves on the disk: its directory, its record, its events, its lock, and where its
/// models come from.
@NullMarked
package dev.tailor.workflow.store;

import org.jspecify.annotations.NullMarked;
