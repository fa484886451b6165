package dev.tailor.workflow.internal.stages;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.ModelReference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Finds models of the Hugging Face Hub that lie in its local cache
/// (`models--ORG--NAME/{refs,snapshots}`, below `HF_HUB_CACHE`, `HF_HOME/hub` or
/// `~/.cache/huggingface/hub`).
final class HubCache {
    private final Path root;

    HubCache(Map<String, String> environment, Path home) {
        Optional<Path> cache = variable(environment, "HF_HUB_CACHE").map(Path::of);
        Optional<Path> hub = variable(environment, "HF_HOME").map(p -> Path.of(p, "hub"));
        root = cache.or(() -> hub).orElse(home.resolve(".cache/huggingface/hub"));
    }

    /// The cache of this process's user.
    static HubCache ofUser() {
        return new HubCache(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /// The directory of a model.
    ///
    /// @throws TailorException FILE_NOT_FOUND if the cache does not hold it
    Path directory(ModelReference.Hub model, Location place) {
        Path repository = root.resolve("models--" + model.repository().replace("/", "--"));
        Path snapshots = repository.resolve("snapshots");
        Path reference = repository.resolve("refs").resolve(model.revision()).normalize();
        String revision = model.revision();
        if (reference.startsWith(repository) && Files.isRegularFile(reference)) {
            revision = read(reference).strip();
        }
        Path snapshot = snapshots.resolve(revision).normalize();
        if (snapshot.startsWith(snapshots) && Files.exists(snapshot.resolve("config.json"))) {
            return snapshot;
        }
        throw TailorException.of(
                        ErrorCode.FILE_NOT_FOUND,
                        "%s (revision %s) is not in the local cache %s"
                                .formatted(model.repository(), model.revision(), root))
                .at(place)
                .remedy(
                        "this version does not download: fetch it with 'hf download %s', or name a"
                                        .formatted(model.repository())
                                + " model directory");
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot be read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }
}
