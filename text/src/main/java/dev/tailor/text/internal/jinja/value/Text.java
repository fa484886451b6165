package dev.tailor.text.internal.jinja.value;

import java.util.List;

/// A Python `str` that remembers where its characters come from. Offsets in this class count UTF-16
/// units, except where a name says code points: Python counts those.
public final class Text implements Value {
    /// The empty text.
    public static final Text EMPTY = new Text("", List.of(), false);

    private final String chars;
    private final List<Mark> marks;
    private final boolean markup;
    private int codePoints = -1;

    private Text(String chars, List<Mark> marks, boolean markup) {
        this.chars = chars;
        this.marks = marks;
        this.markup = markup;
    }

    /// A text of the template.
    public static Text of(String chars) {
        return chars.isEmpty() ? EMPTY : new Text(chars, List.of(), false);
    }

    /// A text of the conversation.
    ///
    /// @param source the message whose content it is, or [Mark#DATA]
    public static Text data(String chars, int source) {
        return chars.isEmpty()
                ? EMPTY
                : new Text(chars, List.of(new Mark(0, chars.length(), source, 0)), false);
    }

    static Text marked(String chars, List<Mark> marks) {
        return new Text(chars, marks, false);
    }

    /// The characters.
    public String chars() {
        return chars;
    }

    /// Where they come from; stretches without a mark are the template's own.
    public List<Mark> marks() {
        return marks;
    }

    /// Whether it is HTML already (`|safe`, `|escape`): adding a plain text to it escapes that
    /// text.
    public boolean isMarkup() {
        return markup;
    }

    /// The same text as HTML.
    public Text asMarkup() {
        return markup ? this : new Text(chars, marks, true);
    }

    /// Whether any of it is data.
    public boolean hasData() {
        for (Mark mark : marks) {
            if (mark.isData()) {
                return true;
            }
        }
        return false;
    }

    /// Another text made from this one: if any of this one is data, all of that one is.
    public Text derived(String other) {
        if (other.equals(chars)) {
            return this;
        }
        Text plain = hasData() ? data(other, Mark.DATA) : of(other);
        return markup ? plain.asMarkup() : plain;
    }

    /// The UTF-16 length.
    public int length() {
        return chars.length();
    }

    /// The length in code points, as Python's `len`.
    public int codePoints() {
        if (codePoints < 0) {
            codePoints = chars.codePointCount(0, chars.length());
        }
        return codePoints;
    }

    /// The UTF-16 offset of a code point.
    public int offset(int codePoint) {
        return codePoints() == chars.length() ? codePoint : chars.offsetByCodePoints(0, codePoint);
    }

    /// The number of code points before a UTF-16 offset.
    public int codePointsBefore(int offset) {
        return codePoints() == chars.length() ? offset : chars.codePointCount(0, offset);
    }

    /// The stretch `[from, to)`.
    public Text slice(int from, int to) {
        if (from == 0 && to == chars.length()) {
            return this;
        }
        return from >= to
                ? EMPTY
                : new Text(chars.substring(from, to), Mark.clip(marks, from, to), markup);
    }

    /// The stretch `[from, to)` of code points.
    public Text codePointSlice(int from, int to) {
        return from >= to ? EMPTY : slice(offset(from), offset(to));
    }

    @Override
    public boolean truth() {
        return !chars.isEmpty();
    }

    @Override
    public String typeName() {
        return "str";
    }

    @Override
    public String toString() {
        return chars;
    }
}
