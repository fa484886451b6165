package dev.tailor.workflow.model;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds models of the Hugging Face Hub that lie in its local cache
/// (`models--ORG--NAME/{refs,snapshots}`, below `HF_HUB_CACHE`, `HF_HOME/hub` or
/// `~/.cache/huggingface/hub`).
public final class HubCache {
    private static final Pattern REFERENCE =
            Pattern.compile("hf:([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?");

    private final Path root;

    HubCache(Map<String, String> environment, Path home) {
        Optional<Path> cache = variable(environment, "HF_HUB_CACHE").map(Path::of);
        Optional<Path> hub = variable(environment, "HF_HOME").map(p -> Path.of(p, "hub"));
        root = cache.or(() -> hub).orElse(home.resolve(".cache/huggingface/hub"));
    }

    /// The cache of this process's user.
    public static HubCache ofUser() {
        return new HubCache(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /// The directory of a model written as `hf:org/name` or `hf:org/name@revision`.
    ///
    /// @throws TailorException USAGE if it is written otherwise, FILE_NOT_FOUND if the cache does
    ///   not hold it
    public Path directory(String reference) {
        Matcher parts = REFERENCE.matcher(reference);
        if (!parts.matches()) {
            throw TailorException.of(
                    ErrorCode.USAGE,
                    "'" + reference + "' is not of the form hf:org/name[@revision]");
        }
        String revision = parts.group(2);
        return directory(parts.group(1), revision == null ? "main" : revision);
    }

    /// The directory of a model.
    ///
    /// @param repository `org/name`
    /// @param revision a branch, tag or commit
    /// @throws TailorException FILE_NOT_FOUND if the cache does not hold it
    public Path directory(String repository, String revision) {
        Path folder = root.resolve("models--" + repository.replace("/", "--"));
        Path snapshots = folder.resolve("snapshots");
        Path reference = folder.resolve("refs").resolve(revision).normalize();
        String commit =
                reference.startsWith(folder) && Files.isRegularFile(reference)
                        ? read(reference).strip()
                        : revision;
        Path snapshot = snapshots.resolve(commit).normalize();
        if (snapshot.startsWith(snapshots) && Files.exists(snapshot.resolve("config.json"))) {
            return snapshot;
        }
        throw TailorException.of(
                        ErrorCode.FILE_NOT_FOUND,
                        "%s (revision %s) is not in the local cache %s"
                                .formatted(repository, revision, root))
                .remedy(
                        "this version does not download: fetch it with 'hf download %s', or name a"
                                        .formatted(repository)
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
