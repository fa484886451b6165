package dev.tailor.workflow.hub;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The local cache of the Hugging Face Hub (`models--ORG--NAME/{blobs,refs,snapshots}`, below
/// `HF_HUB_CACHE`, `HF_HOME/hub` or `~/.cache/huggingface/hub`), shared with its other users. What
/// it holds is taken as it is, without asking the Hub for anything newer; what it does not hold is
/// fetched from `HF_ENDPOINT` with the token `HF_TOKEN`, unless `HF_HUB_OFFLINE` is set.
public final class HubCache {
    private static final Pattern REFERENCE =
            Pattern.compile("hf:([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?");
    private static final Set<String> YES = Set.of("1", "on", "yes", "true");

    private final Path root;
    private final boolean isOffline;
    private final HubSite site;
    private final Event.Listener listener;

    HubCache(Map<String, String> environment, Path home, Event.Listener listener) {
        Optional<Path> cache = variable(environment, "HF_HUB_CACHE").map(Path::of);
        Optional<Path> hub = variable(environment, "HF_HOME").map(p -> Path.of(p, "hub"));
        this.root = cache.or(() -> hub).orElse(home.resolve(".cache/huggingface/hub"));
        this.isOffline =
                variable(environment, "HF_HUB_OFFLINE")
                        .filter(value -> YES.contains(value.toLowerCase(Locale.ROOT)))
                        .isPresent();
        this.site =
                new HubSite(
                        URI.create(
                                variable(environment, "HF_ENDPOINT")
                                        .orElse("https://huggingface.co")),
                        variable(environment, "HF_TOKEN"));
        this.listener = listener;
    }

    /// The cache of this process's user; `listener` hears of what is fetched.
    public static HubCache ofUser(Event.Listener listener) {
        return new HubCache(System.getenv(), Path.of(System.getProperty("user.home")), listener);
    }

    /// The directory of a model written as `hf:org/name` or `hf:org/name@revision`.
    ///
    /// @throws TailorException USAGE if it is written otherwise, and as the other method
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

    /// The directory of a model, fetched if it is not there.
    ///
    /// @param repository `org/name`
    /// @param revision a branch, tag or commit
    /// @throws TailorException FILE_NOT_FOUND if there is no such model, or it cannot be had;
    ///   FILE_CORRUPT if what arrives is not what the Hub says; DISK_FULL
    public Path directory(String repository, String revision) {
        Path folder = root.resolve("models--" + repository.replace("/", "--"));
        Optional<Path> there = find(folder, revision);
        if (there.isPresent()) {
            return there.get();
        }
        if (isOffline) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            "%s (revision %s) is not in the local cache %s, and HF_HUB_OFFLINE is set"
                                    .formatted(repository, revision, root))
                    .remedy("unset HF_HUB_OFFLINE to fetch it, or name a model directory");
        }
        return new HubDownload(site, folder, repository, revision, listener).fetch();
    }

    private static Optional<Path> find(Path folder, String revision) {
        Path snapshots = folder.resolve("snapshots");
        Path reference = folder.resolve("refs").resolve(revision).normalize();
        String commit =
                reference.startsWith(folder) && Files.isRegularFile(reference)
                        ? read(reference).strip()
                        : revision;
        Path snapshot = snapshots.resolve(commit).normalize();
        return Optional.of(snapshot)
                .filter(path -> path.startsWith(snapshots))
                .filter(path -> Files.exists(path.resolve(HubDownload.LAST)));
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
