package dev.tailor.text.internal.jinja.syntax;

/// What Jinja does to the white space around tags.
public enum Layout {
    /// As transformers renders chat templates: `trim_blocks` and `lstrip_blocks`, and the line
    /// break at the end of the template goes.
    CHAT,
    /// As it stands, the line break at the end included (`keep_trailing_newline`).
    VERBATIM
}
