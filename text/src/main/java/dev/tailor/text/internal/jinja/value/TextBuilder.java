package dev.tailor.text.internal.jinja.value;

import java.util.ArrayList;
import java.util.List;

/// Builds a text and carries the marks of its parts along.
public final class TextBuilder {
    private final Budget budget;
    private final StringBuilder chars = new StringBuilder();
    private final List<Mark> marks = new ArrayList<>();

    /// An empty text that grows within a budget.
    public TextBuilder(Budget budget) {
        this.budget = budget;
    }

    /// The budget it grows within.
    public Budget budget() {
        return budget;
    }

    /// Adds text of the template.
    public TextBuilder append(String part) {
        budget.grow((long) chars.length() + part.length(), part.length());
        chars.append(part);
        return this;
    }

    /// Adds a text with its marks.
    public TextBuilder append(Text part) {
        int at = chars.length();
        append(part.chars());
        for (Mark mark : part.marks()) {
            add(mark.shifted(at));
        }
        return this;
    }

    /// Adds what became of `origin`: a copy keeps its marks, anything else is data if it was.
    public TextBuilder appendDerived(Text origin, String part) {
        return append(origin.derived(part));
    }

    /// Adds a text again and again.
    public TextBuilder repeat(Text part, long times) {
        budget.grow(chars.length() + (long) part.length() * Math.max(0, times), 0);
        for (long i = 0; i < times && part.length() > 0; i++) {
            append(part);
        }
        return this;
    }

    /// Marks everything from `start` on.
    public void mark(int start, int source) {
        if (start < chars.length()) {
            marks.add(new Mark(start, chars.length(), source, 0));
        }
    }

    /// The UTF-16 length so far.
    public int length() {
        return chars.length();
    }

    /// The text built so far.
    public Text text() {
        return chars.isEmpty() ? Text.EMPTY : Text.marked(chars.toString(), List.copyOf(marks));
    }

    private void add(Mark mark) {
        int last = marks.size() - 1;
        if (last >= 0 && marks.get(last).isContinuedBy(mark)) {
            Mark begun = marks.get(last);
            marks.set(last, new Mark(begun.start(), mark.end(), begun.source(), begun.offset()));
        } else {
            marks.add(mark);
        }
    }
}
