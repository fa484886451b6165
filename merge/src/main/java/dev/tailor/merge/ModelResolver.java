package dev.tailor.merge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Finds the directory of a model or an adapter that a configuration names.
@FunctionalInterface
public interface ModelResolver {
    /// The directory that `name` stands for, if there is one.
    Optional<Path> find(String name);

    /// Where names are sought, for the message when nothing is found.
    default String description() {
        return "the path does not exist";
    }

    /// Looks a path up in several directories; the first that has it wins. A merge file's paths are
    /// sought beside the file and, as mergekit does, in the working directory.
    static ModelResolver in(List<Path> roots) {
        return new ModelResolver() {
            @Override
            public Optional<Path> find(String name) {
                return roots.stream()
                        .map(root -> root.resolve(name).normalize())
                        .filter(Files::isDirectory)
                        .findFirst();
            }

            @Override
            public String description() {
                return "sought in "
                        + String.join(", ", roots.stream().map(Path::toString).toList());
            }
        };
    }
}
