package dev.tailor.core.html;

import java.util.Collection;

/// Finished markup. Text becomes markup only through [#of], which escapes it: data cannot break out
/// of the page.
public record Html(String markup) {
    /// No markup.
    public static final Html NOTHING = new Html("");

    /// A template whose `{}` are replaced by the arguments in order: markup stays as it is,
    /// collections of markup are joined, everything else is escaped text. Safe within elements and
    /// within quoted attributes.
    public static Html of(String template, Object... arguments) {
        StringBuilder markup = new StringBuilder(template.length() + 64);
        int from = 0;
        for (Object argument : arguments) {
            int place = template.indexOf("{}", from);
            if (place < 0) {
                throw new IllegalArgumentException("too many arguments for: " + template);
            }
            markup.append(template, from, place);
            append(markup, argument);
            from = place + 2;
        }
        if (template.indexOf("{}", from) >= 0) {
            throw new IllegalArgumentException("too few arguments for: " + template);
        }
        return new Html(markup.append(template, from, template.length()).toString());
    }

    /// Pieces of markup, one after another.
    public static Html join(Collection<Html> pieces) {
        return of("{}", pieces);
    }

    private static void append(StringBuilder markup, Object argument) {
        switch (argument) {
            case Html html -> markup.append(html.markup());
            case Collection<?> pieces -> pieces.forEach(piece -> append(markup, piece));
            default -> escape(markup, argument.toString());
        }
    }

    private static void escape(StringBuilder markup, String text) {
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '<' -> markup.append("&lt;");
                        case '>' -> markup.append("&gt;");
                        case '&' -> markup.append("&amp;");
                        case '"' -> markup.append("&quot;");
                        case '\'' -> markup.append("&#39;");
                        default -> {
                            // Control characters and lone surrogates are not allowed in HTML.
                            boolean allowed =
                                    (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0))
                                            || c == '\n'
                                            || c == '\t';
                            boolean surrogate = c >= 0xd800 && c <= 0xdfff;
                            markup.appendCodePoint(allowed && !surrogate ? c : 0xfffd);
                        }
                    }
                });
    }
}
