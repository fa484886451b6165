package dev.tailor.data.internal.read;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a file is by its name.
public enum FileKind {
    /// One JSON object per line.
    JSONL,
    /// An array of objects, or an object that holds one.
    JSON,
    /// Parquet.
    PARQUET,
    /// Comma-separated values with a header.
    CSV,
    /// Tab-separated values with a header.
    TSV,
    /// Text or Markdown.
    TEXT,
    /// HTML.
    HTML,
    /// PDF.
    PDF;

    private static final Map<String, FileKind> BY_EXTENSION =
            Map.ofEntries(
                    Map.entry("jsonl", JSONL),
                    Map.entry("ndjson", JSONL),
                    Map.entry("json", JSON),
                    Map.entry("parquet", PARQUET),
                    Map.entry("csv", CSV),
                    Map.entry("tsv", TSV),
                    Map.entry("txt", TEXT),
                    Map.entry("text", TEXT),
                    Map.entry("md", TEXT),
                    Map.entry("markdown", TEXT),
                    Map.entry("html", HTML),
                    Map.entry("htm", HTML),
                    Map.entry("pdf", PDF));

    /// The names that are known, for error messages.
    public static final String KNOWN =
            ".jsonl .ndjson .json .parquet .csv .tsv .txt .md .html .pdf; the text ones also with"
                    + " .gz";

    /// What the file's name says, a trailing `.gz` left aside.
    public static Optional<FileKind> of(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean compressed = name.endsWith(".gz");
        String plain = compressed ? name.substring(0, name.length() - 3) : name;
        FileKind kind = BY_EXTENSION.get(plain.substring(plain.lastIndexOf('.') + 1));
        boolean unpackable = kind != PARQUET && kind != PDF;
        return compressed && !unpackable ? Optional.empty() : Optional.ofNullable(kind);
    }

    /// Whether it holds a document for people, not rows for programs.
    public boolean isDocument() {
        return this == TEXT || this == HTML || this == PDF;
    }
}
