package dev.tailor.eval.harness;

/// How a row becomes text.
///
/// @param text the question
/// @param target the answer
/// @param choices the answers to choose from
/// @param prefix what the answer begins with already
/// @param targetDelimiter between question and answer
/// @param shotDelimiter after an example
public record PromptForm(
        Field text,
        Field target,
        Field choices,
        Field prefix,
        String targetDelimiter,
        String shotDelimiter) {}
