package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;

import java.nio.file.Path;

/// Where a stage works, and who follows it.
///
/// @param work its own folder, in which an earlier attempt may have left something to go on from
/// @param result where its files go; moved to their place when the stage is done
public record Assignment(
        Path work, Path result, Event.Listener listener, Cancellation cancellation) {
    /// Tells the user something.
    void note(String stage, String message) {
        listener.on(new Event.Note(stage, message, false));
    }
}
