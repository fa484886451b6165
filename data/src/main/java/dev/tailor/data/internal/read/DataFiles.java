package dev.tailor.data.internal.read;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files that paths, directories and globs stand for, in sorted order for each.
///
/// @param files the files to read
/// @param skipped files found in directories that are no data
public record DataFiles(List<Path> files, List<Path> skipped) {

    /// @throws TailorException `FILE_NOT_FOUND` if one of the paths stands for no file
    public static DataFiles find(Path base, List<String> paths) {
        Set<Path> files = new LinkedHashSet<>();
        Set<Path> skipped = new LinkedHashSet<>();
        for (String path : paths) {
            Path resolved = isGlob(path) ? base : base.resolve(path);
            if (Files.isRegularFile(resolved)) {
                files.add(resolved);
            } else if (isGlob(path)) {
                Glob glob = Glob.of(path);
                Path root = base.resolve(glob.root());
                add(root, file -> glob.matches(root.relativize(file)), files, skipped);
            } else if (Files.isDirectory(resolved)) {
                add(resolved, file -> true, files, skipped);
            } else {
                throw missing(resolved);
            }
            if (files.isEmpty()) {
                throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no data file is there")
                        .at(base.resolve(path.replaceAll("[*?\\[{].*", "")))
                        .remedy("looked for " + path + "; known are " + FileKind.KNOWN);
            }
        }
        skipped.removeAll(files);
        return new DataFiles(List.copyOf(files), List.copyOf(skipped));
    }

    private static boolean isGlob(String path) {
        return path.chars().anyMatch(c -> c == '*' || c == '?' || c == '{' || c == '[');
    }

    private static void add(Path root, Predicate<Path> wanted, Set<Path> files, Set<Path> skipped) {
        if (!Files.isDirectory(root)) {
            throw missing(root);
        }
        try (Stream<Path> walk = Files.walk(root)) {
            List<Path> found =
                    walk.filter(Files::isRegularFile)
                            .filter(file -> !isHidden(root.relativize(file)))
                            .filter(wanted)
                            .sorted()
                            .toList();
            for (Path file : found) {
                (FileKind.of(file).isPresent() ? files : skipped).add(file);
            }
        } catch (IOException e) {
            throw Refusal.unreadable(root, e);
        }
    }

    private static boolean isHidden(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static TailorException missing(Path path) {
        TailorException failure =
                TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file or directory").at(path);
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return failure.remedy("the directory it should be in is not there either");
        }
        try (Stream<Path> siblings = Files.list(parent)) {
            List<String> names =
                    new ArrayList<>(siblings.map(each -> each.getFileName().toString()).toList());
            return Suggestion.nearest(path.getFileName().toString(), names)
                    .map(name -> failure.remedy("did you mean '" + name + "'?"))
                    .orElse(failure);
        } catch (IOException e) {
            return failure;
        }
    }
}
