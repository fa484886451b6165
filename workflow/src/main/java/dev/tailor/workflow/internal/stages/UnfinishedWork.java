package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.Attempt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a stage has left of an attempt that was stopped.
///
/// @param folder where attempts of the stage lie, each under the key of its ingredients
public record UnfinishedWork(Stage stage, Path folder) {
    /// The place to work in for these ingredients, with what an earlier attempt with the same ones
    /// has left; attempts with other ones make room.
    ///
    /// @throws TailorException `CONFIG_INVALID` with the differences where training got to a
    ///   checkpoint with other settings, data or files: that is for the user to give up. A model
    ///   that an earlier stage has made anew is reason enough
    public Path place(Ingredients ingredients) {
        Path place = folder.resolve(ingredients.key().substring(0, 16));
        if (!Files.exists(place)) {
            entries(folder).forEach(other -> requireNothingLost(other, ingredients));
            AtomicWrite.deleteTree(folder);
        }
        return place;
    }

    private void requireNothingLost(Path attempt, Ingredients ingredients) {
        Optional<String> checkpoint = lastCheckpoint(attempt);
        if (checkpoint.isEmpty()) {
            return;
        }
        List<String> changes =
                Attempt.read(attempt)
                        .map(earlier -> ingredients.ownChangesSince(earlier.ingredients()))
                        .orElse(List.of());
        if (!changes.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "'%s' was stopped at %s with other settings: %s"
                                    .formatted(
                                            stage.id(),
                                            checkpoint.get().replaceFirst("-0*", " "),
                                            String.join("; ", changes)))
                    .at(stage.heading().place())
                    .remedy(
                            "set them back to go on from there, or delete "
                                    + folder
                                    + " to begin anew");
        }
    }

    /// `step-N` with zeros.
    private static Optional<String> lastCheckpoint(Path attempt) {
        return entries(attempt.resolve("training").resolve("checkpoints"))
                .flatMap(UnfinishedWork::entries)
                .map(path -> path.getFileName().toString())
                .filter(name -> name.matches("step-\\d+"))
                .max(Comparator.naturalOrder());
    }

    private static Stream<Path> entries(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList().stream();
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
    }
}
