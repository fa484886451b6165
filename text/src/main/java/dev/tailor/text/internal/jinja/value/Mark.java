package dev.tailor.text.internal.jinja.value;

import java.util.ArrayList;
import java.util.List;

/// Where a stretch of a text comes from. Offsets count UTF-16 units, `end` exclusive.
///
/// @param source the index of the message whose content it is, [#DATA] or [#GENERATION]
/// @param offset where in that content the stretch begins; of no meaning for anything else
public record Mark(int start, int end, int source, int offset) {
    /// Data of the conversation that is not the content of a message, or is no longer a copy of it.
    public static final int DATA = -1;

    /// What stood between `{% generation %}` and `{% endgeneration %}`.
    public static final int GENERATION = -2;

    /// Whether the stretch is data: its text must never turn into a special token.
    public boolean isData() {
        return source >= DATA;
    }

    /// Whether `next` goes on where this one ends, in the text and in the content that both are of.
    boolean isContinuedBy(Mark next) {
        return isData()
                && source == next.source
                && end == next.start
                && (source == DATA || offset + end - start == next.offset);
    }

    /// The same in a text with `shift` UTF-16 units before it.
    Mark shifted(int shift) {
        return new Mark(start + shift, end + shift, source, offset);
    }

    /// The marks of the stretch `[from, to)`, counted from `from`.
    static List<Mark> clip(List<Mark> marks, int from, int to) {
        if (marks.isEmpty()) {
            return marks;
        }
        List<Mark> clipped = new ArrayList<>(marks.size());
        for (Mark mark : marks) {
            int start = Math.max(mark.start, from);
            int end = Math.min(mark.end, to);
            if (start < end) {
                clipped.add(
                        new Mark(
                                start - from,
                                end - from,
                                mark.source,
                                mark.offset + start - mark.start));
            }
        }
        return List.copyOf(clipped);
    }
}
