package dev.tailor.text;

import dev.tailor.text.internal.jinja.Template;
import dev.tailor.text.internal.jinja.syntax.Layout;

import java.time.LocalDateTime;
import java.util.Map;

/// A Jinja template that makes a text of a row of data, in the sandbox of [ChatTemplate].
///
/// White space stands as it is written. What a row does not have is an error where it is printed or
/// asked for its truth (Jinja's `StrictUndefined`), not an empty text. Immutable and safe for use
/// by several threads.
public final class TextTemplate {
    private final String source;
    private final Template template;

    private TextTemplate(String source, String name) {
        this.source = source;
        this.template = Template.compile(source, name, Layout.VERBATIM, true);
    }

    /// Compiles a template.
    ///
    /// @param name what errors call it
    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` with `name:line`
    public static TextTemplate compile(String source, String name) {
        return new TextTemplate(source, name);
    }

    /// The source it was compiled from.
    public String source() {
        return source;
    }

    /// The text for a row: JSON-like values by their columns.
    ///
    /// @throws dev.tailor.core.TailorException `TEMPLATE_INVALID` with `name:line` where the row
    ///   lacks something or the template refuses it
    public String render(Map<String, ?> row) {
        return template.render(row, LocalDateTime.MIN).chars();
    }
}
