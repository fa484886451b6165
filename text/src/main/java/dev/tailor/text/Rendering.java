package dev.tailor.text;

import java.util.List;

/// What a chat template made of a conversation.
///
/// @param text the rendered text
/// @param data where the conversation's data stands in it, in order and without overlap: the
///   contents of messages, with the index of the message, and everything else that came from the
///   caller (tools, names, contents that were more than cut and joined), with index -1. The rest is
///   the template's own text
/// @param generation what stood within `{% generation %}`, in order
public record Rendering(String text, List<Span> data, List<Span> generation) {
    /// Copies the lists.
    public Rendering {
        data = List.copyOf(data);
        generation = List.copyOf(generation);
    }

    /// Where the contents of messages stand, in order; a content that the template prints twice has
    /// two spans, and so has one that it prints in two parts.
    public List<Span> messages() {
        return data.stream().filter(span -> span.message() >= 0).toList();
    }
}
