package dev.tailor.text;

/// Which part of a conversation is learnt.
public enum TrainOn {
    /// What the assistant says, in every turn.
    ASSISTANT,
    /// What the assistant says in its last turn.
    LAST,
    /// The whole text, the template's own included.
    ALL
}
