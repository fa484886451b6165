package dev.tailor.serve.internal.api;

import dev.tailor.serve.internal.engine.Output;
import dev.tailor.serve.internal.engine.TokenScore;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What a task has answered, all of it or a piece.
///
/// @param index the answer's number in the request
/// @param promptScores the scores of the prompt's tokens from the second on; empty where none are
///   wanted, or they have been said
/// @param reason why it ended, null while it has not
public record Answer(
        int index,
        String text,
        List<TokenScore> scores,
        List<TokenScore> promptScores,
        Output.@Nullable Reason reason) {}
