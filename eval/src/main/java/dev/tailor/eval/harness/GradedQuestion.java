package dev.tailor.eval.harness;

import dev.tailor.data.RawRows;

import java.util.List;
import java.util.Map;

/// A sample with everything that led to its values.
///
/// @param id its number in the task
/// @param row its row
/// @param target the answer as the task gives it
/// @param asked what the model was asked: context and continuation, or the prompt
/// @param replies what it replied
/// @param graded by each filter, the values of the metrics and the answer they were given for
public record GradedQuestion(
        int id,
        RawRows.Row row,
        Object target,
        List<Asked> asked,
        List<Reply> replies,
        Map<String, Graded> graded) {
    /// A request.
    ///
    /// @param continuation empty where an answer was asked for
    public record Asked(String context, String continuation) {}

    /// A reply.
    ///
    /// @param texts the answers, one for each repetition; empty where likelihood was asked
    public record Reply(double logProb, boolean greedy, List<String> texts) {}

    /// What a filter made of the answers, and the values.
    public record Graded(List<String> filtered, Map<String, double[]> values) {}
}
