package dev.tailor.data.internal.read;

/// How rows are read.
///
/// @param cut where text documents are cut into rows
/// @param maxRowBytes a line, a string or a document's part longer than this is refused
/// @param maxNesting JSON nested deeper than this is refused
/// @param maxExpansion a compressed file that grows more than this many times is refused
public record ReadOptions(Cut cut, int maxRowBytes, int maxNesting, int maxExpansion) {
    /// Where a text document is cut.
    public enum Cut {
        /// Nowhere: a file is a row.
        FILE,
        /// At blank lines.
        PARAGRAPH,
        /// At every line.
        LINE,
        /// Before Markdown headings.
        HEADING
    }
}
