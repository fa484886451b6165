package dev.tailor.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where data lies and what it is said to be.
///
/// @param paths files, directories and globs (`docs/**/*.{md,txt}`)
/// @param base the directory that relative paths start from
/// @param kind what the data shall teach; recognised if not said
/// @param format how rows are laid out; recognised if not said
/// @param columns the format's names of columns that are called otherwise: `prompt: query`
/// @param split what one sample of text documents is
/// @param limits what is too large to be honest
public record DataSource(
        List<String> paths,
        Path base,
        Optional<DataKind> kind,
        Optional<Format> format,
        Map<String, String> columns,
        TextSplit split,
        Limits limits) {

    /// Bounds that keep a hostile or damaged file from taking the memory.
    ///
    /// @param maxRowBytes the longest line or string, and the size at which a text is cut
    /// @param maxNesting the deepest JSON
    /// @param maxExpansion how many times a compressed file may grow
    public record Limits(int maxRowBytes, int maxNesting, int maxExpansion) {
        /// 64 MiB, 100 levels, 200 times.
        public static Limits standard() {
            return new Limits(64 << 20, 100, 200);
        }
    }

    public DataSource {
        paths = List.copyOf(paths);
        columns = Map.copyOf(columns);
    }

    /// Files, of which everything is to be recognised.
    public static DataSource of(Path... files) {
        return of(Path.of(""), List.of(files).stream().map(Path::toString).toList());
    }

    /// Files, directories or globs below a directory, of which everything is to be recognised.
    public static DataSource of(Path base, List<String> paths) {
        return new DataSource(
                paths,
                base,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                TextSplit.FILE,
                Limits.standard());
    }

    /// The same, said to be of a kind.
    public DataSource withKind(DataKind chosen) {
        return new DataSource(paths, base, Optional.of(chosen), format, columns, split, limits);
    }

    /// The same, said to be in a format.
    public DataSource withFormat(Format chosen) {
        return new DataSource(paths, base, kind, Optional.of(chosen), columns, split, limits);
    }

    /// The same with columns that are called otherwise than the format calls them.
    public DataSource withColumns(Map<String, String> chosen) {
        return new DataSource(paths, base, kind, format, chosen, split, limits);
    }

    /// The same with documents cut into samples otherwise.
    public DataSource withSplit(TextSplit chosen) {
        return new DataSource(paths, base, kind, format, columns, chosen, limits);
    }

    /// The same with other bounds.
    public DataSource withLimits(Limits chosen) {
        return new DataSource(paths, base, kind, format, columns, split, chosen);
    }
}
