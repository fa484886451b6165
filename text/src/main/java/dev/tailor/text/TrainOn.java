package dev.tailor.text;

/// Which part of a conversation is learnt.
public enum TrainOn {
    /// What the assistant says, in every message; see [ChatEncoder].
    ASSISTANT,
    /// What the assistant says in its last message.
    LAST,
    /// The whole text, the template's own included.
    ALL
}
