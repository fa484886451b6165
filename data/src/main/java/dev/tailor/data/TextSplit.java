package dev.tailor.data;

/// What one sample of text documents is.
public enum TextSplit {
    /// A file; very long files are cut at blank lines.
    FILE,
    /// What stands between blank lines.
    PARAGRAPH,
    /// A line: how collections write a document a line.
    LINE,
    /// A Markdown heading with what follows it.
    HEADING
}
