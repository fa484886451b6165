package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Where the rows of tasks lie on this machine. A task's data is looked for under its own name, its
/// data set's name with and without the part, and its group's; `NAME.SPLIT` says where one split
/// lies. A file serves every split; in a directory, files whose names begin with a split's name (or
/// that lie in a folder of that name) are that split.
public final class TaskData {
    private final Map<String, Path> places;
    private final Map<Path, RawRows> read = new HashMap<>();

    /// Data by name.
    public TaskData(Map<String, Path> places) {
        this.places = Map.copyOf(places);
    }

    /// The rows of a split.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` if nobody said where they lie
    RawRows rows(TaskConfig task, @Nullable String split) {
        Path place = place(task, split).orElseThrow(() -> missing(task, split));
        RawRows all = read.computeIfAbsent(place, RawRows::read);
        SplitColumn column = task.source().splitColumn();
        return column == null || split == null || !column.isIn(all) ? all : column.rows(all, split);
    }

    /// The rows of a split that can be read, prepared as the task wants them.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` if nobody said where they lie; `DATA_INVALID` if
    ///   there is not one
    public List<RawRows.Row> prepared(TaskConfig task, String split) {
        return Harness.processed(task, rows(task, split).rows(), new Notes());
    }

    /// The file or directory of a split.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` if nobody said where it lies
    public Path file(TaskConfig task, String split) {
        return place(task, split).orElseThrow(() -> missing(task, split));
    }

    /// Whether the user said where a split lies.
    public boolean has(TaskConfig task, @Nullable String split) {
        return place(task, split).isPresent();
    }

    /// Whether two splits are the same rows, as when one file serves both.
    public boolean same(TaskConfig task, @Nullable String one, @Nullable String other) {
        Optional<Path> place = place(task, one);
        if (!Objects.equals(place, place(task, other))) {
            return false;
        }
        SplitColumn column = task.source().splitColumn();
        return Objects.equals(one, other)
                || column == null
                || place.isEmpty()
                || !column.isIn(read.computeIfAbsent(place.get(), RawRows::read));
    }

    private Optional<Path> place(TaskConfig task, @Nullable String split) {
        for (String name : names(task)) {
            Path own = split == null ? null : places.get(name + "." + split);
            if (own != null) {
                return Optional.of(own);
            }
        }
        for (String name : names(task)) {
            Path place = places.get(name);
            if (place != null) {
                return Files.isDirectory(place) && split != null
                        ? inDirectory(place, split)
                        : Optional.of(place);
            }
        }
        return Optional.empty();
    }

    private static List<String> names(TaskConfig task) {
        TaskConfig.Source source = task.source();
        List<String> names = new ArrayList<>(List.of(task.name()));
        if (!source.name().isEmpty()) {
            names.add(source.path() + "/" + source.name());
            names.add(source.path() + ":" + source.name());
        }
        names.add(source.path());
        names.add(source.path().substring(source.path().lastIndexOf('/') + 1));
        return names;
    }

    /// The file or folder of a split: `test.jsonl`, `test-00000-of-00001.parquet`, `test/`.
    private static Optional<Path> inDirectory(Path directory, String split) {
        try (Stream<Path> walk = Files.walk(directory, 4)) {
            List<Path> found =
                    walk.filter(path -> !path.equals(directory))
                            .filter(path -> isSplit(path, split))
                            .sorted()
                            .toList();
            if (found.isEmpty() || Files.isDirectory(found.getFirst()) || found.size() == 1) {
                return found.stream().findFirst();
            }
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "several files are the split '%s': %s".formatted(split, found))
                    .at(directory)
                    .remedy("name one, or put them into a folder called '" + split + "'");
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read the directory")
                    .at(directory)
                    .causedBy(e);
        }
    }

    private static boolean isSplit(Path path, String split) {
        String name = String.valueOf(path.getFileName());
        if (Files.isDirectory(path)) {
            return name.equals(split);
        }
        return name.equals(split) || name.startsWith(split + ".") || name.startsWith(split + "-");
    }

    private static TailorException missing(TaskConfig task, @Nullable String split) {
        String set =
                task.source().path()
                        + (task.source().name().isEmpty() ? "" : "/" + task.source().name());
        return TailorException.of(
                        ErrorCode.FILE_NOT_FOUND,
                        "the task '%s' has no data: split '%s' of '%s'"
                                .formatted(task.name(), split, set))
                .at(task.origin())
                .remedy(
                        "say where it lies with --data %s=FILE (JSONL, Parquet or CSV)"
                                .formatted(task.name()));
    }

    /// The columns of some rows: those of any of them.
    static Set<String> columns(List<RawRows.Row> rows) {
        Set<String> columns = new TreeSet<>();
        rows.forEach(row -> columns.addAll(row.fields().keySet()));
        return columns;
    }
}
