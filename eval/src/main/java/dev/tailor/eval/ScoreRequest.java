package dev.tailor.eval;

/// Asks for the log-probability of `continuation` after `context`. With a [Prompt.Text] the two are
/// joined as they stand (the continuation carries its own leading space).
public record ScoreRequest(Prompt context, String continuation) {}
