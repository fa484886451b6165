package dev.tailor.text;

/// The characters `[start, end)` of a text, in UTF-16 units.
public record TextRange(int start, int end) {
    public TextRange {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("not a range: " + start + " to " + end);
        }
    }
}
