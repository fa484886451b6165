package dev.tailor.text;

/// A stretch of a rendered text.
///
/// @param start the first UTF-16 unit
/// @param end the UTF-16 unit after the last
/// @param message the index of the message whose content it is, from 0; -1 for anything else
/// @param offset the UTF-16 unit of that content that stands at `start`; of no meaning for anything
///   else
public record Span(int start, int end, int message, int offset) {
    /// The message of a span that is no message's content.
    public static final int NO_MESSAGE = -1;
}
