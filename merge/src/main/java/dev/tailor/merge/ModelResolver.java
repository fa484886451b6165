package dev.tailor.merge;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Finds the directory of a model that a configuration names.
@FunctionalInterface
public interface ModelResolver {
    /// The directory of `name`, which stands at `place`. Throws [TailorException] if there is none.
    Path directory(String name, Location place);

    /// Looks a path up in several directories, the first that has it wins. A merge file's paths are
    /// sought beside the file and, as mergekit does, in the working directory.
    static ModelResolver in(List<Path> roots) {
        return (name, place) -> {
            for (Path root : roots) {
                Path directory = root.resolve(name).normalize();
                if (Files.isDirectory(directory)) {
                    return directory;
                }
            }
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such model: '" + name + "'")
                    .at(place)
                    .remedy(
                            "sought in "
                                    + String.join(
                                            ", ", roots.stream().map(Path::toString).toList()));
        };
    }
}
