package dev.tailor.data;

/// A row that was left out.
///
/// @param origin where it stands
/// @param reason why, in words that many rows can share
/// @param verbatim its beginning, or nothing where it cannot be shown
public record Rejection(Origin origin, String reason, String verbatim) {}
