package dev.tailor.serve.internal.api;

import dev.tailor.serve.internal.engine.TaskRequest;

import java.util.List;

/// A request that has been understood.
///
/// @param form what its answer looks like
/// @param tasks what is to be computed: for each prompt its answers one after another
/// @param stream whether the answer comes in pieces
/// @param includeUsage whether a stream ends with the counts of tokens
/// @param answersPerPrompt how many tasks share a prompt
public record Call(
        AnswerForm form,
        List<TaskRequest> tasks,
        boolean stream,
        boolean includeUsage,
        int answersPerPrompt) {
    /// Tokens of all prompts, each counted once.
    public int promptTokens() {
        int sum = 0;
        for (int i = 0; i < tasks.size(); i += answersPerPrompt) {
            sum += tasks.get(i).prompt().length;
        }
        return sum;
    }
}
