package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// SHA-256 of files and models, remembered in the run directory as long as size and time of a file
/// stay the same: a model of many gigabytes is read once, not at every start.
public final class Digests {
    /// Files of a model directory that tell about the model and are not part of it.
    private static final Set<String> ABOUT = Set.of("README.md", "tailor.json");

    private final Path file;
    private final Map<String, Known> known;

    /// A digest and what the file looked like when it was taken.
    record Known(long size, long modified, String sha256) {}

    /// The remembered digests.
    record Memory(Map<String, Known> files) {}

    /// The digests of a run.
    public Digests(RunDirectory directory) {
        this.file = directory.digests();
        this.known = new TreeMap<>();
        Store.read(file, Memory.class).ifPresent(memory -> known.putAll(memory.files()));
    }

    /// The digest of one file.
    public String ofFile(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            long size = Files.size(absolute);
            long modified = Files.getLastModifiedTime(absolute).toMillis();
            Known entry = known.get(absolute.toString());
            if (entry == null || entry.size() != size || entry.modified() != modified) {
                entry = new Known(size, modified, Digest.ofFile(absolute));
                known.put(absolute.toString(), entry);
            }
            return entry.sha256();
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    /// The digest of a directory's names and contents, without what only tells about them.
    public String ofModel(Path directory) {
        StringBuilder listing = new StringBuilder();
        for (Path path : files(directory)) {
            String name = directory.relativize(path).toString();
            if (!ABOUT.contains(name) && !path.getFileName().toString().startsWith(".")) {
                listing.append(name).append('\0').append(ofFile(path)).append('\n');
            }
        }
        return Digest.ofString(listing.toString());
    }

    /// Writes what is known, for the next start.
    public void save() {
        known.keySet().removeIf(path -> !Files.exists(Path.of(path)));
        AtomicWrite.text(file, Store.json(new Memory(known)));
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
    }
}
