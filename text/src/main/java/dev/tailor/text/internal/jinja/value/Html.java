package dev.tailor.text.internal.jinja.value;

/// The `escape` filter.
public final class Html {
    private Html() {}

    /// The text with `& < > " '` as entities, unless it is HTML already.
    public static Text escape(Text text) {
        if (text.isMarkup()) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.chars().charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&#34;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return text.derived(escaped.toString()).asMarkup();
    }
}
