package dev.tailor.workflow.model;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.hub.HubCache;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A model as a command line names it: a directory, `MODEL+ADAPTER`, or `hf:org/name[@revision]` of
/// the Hugging Face Hub.
///
/// @param text what was written; shown in boards and messages
/// @param directory the model directory
/// @param adapter a PEFT directory to put on top
public record ModelSource(String text, Path directory, Optional<Path> adapter) {
    /// Understands what a user wrote; a model of the Hub is fetched if need be.
    ///
    /// @throws TailorException FILE_NOT_FOUND when there is no such directory, and as
    ///   [HubCache#directory(String)]
    public static ModelSource parse(String text, Event.Listener listener) {
        if (text.startsWith("hf:")) {
            return new ModelSource(
                    text, HubCache.ofUser(listener).directory(text), Optional.empty());
        }
        Path whole = Path.of(text);
        int plus = text.lastIndexOf('+');
        if (Files.isDirectory(whole) || plus <= 0 || plus == text.length() - 1) {
            return new ModelSource(text, existing(whole), Optional.empty());
        }
        return new ModelSource(
                text,
                existing(Path.of(text.substring(0, plus))),
                Optional.of(existing(Path.of(text.substring(plus + 1)))));
    }

    /// The same model with another adapter on top.
    public ModelSource withAdapter(Path peftDirectory) {
        return new ModelSource(
                text + "+" + peftDirectory, directory, Optional.of(existing(peftDirectory)));
    }

    private static Path existing(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            Files.exists(directory)
                                    ? "a model is a directory, this is a file"
                                    : "no such directory")
                    .at(directory)
                    .remedy("name a model directory in Hugging Face layout");
        }
        return directory;
    }
}
