package dev.tailor.train.internal.batch;

import dev.tailor.train.ChainSummary;
import dev.tailor.train.DataSummary.Issue;
import dev.tailor.train.MaskSummary;

import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Map;

/// What was learnt about a data set while it was tokenised; kept in the token file.
///
/// @param samples samples that made it
/// @param mask which of their tokens are learnt
/// @param duplicates those among them that are equal to another one
/// @param stopping those that teach the model to stop: a stop token is among what is learnt
/// @param withoutSpans conversations whose template does not say what the assistant wrote, so that
///   it was found by comparing renderings
/// @param chains what became of texts with questions and answers
public record TokenNote(
        long samples,
        MaskSummary mask,
        long truncated,
        long duplicates,
        long stopping,
        long withoutSpans,
        Map<String, Long> dropped,
        ChainSummary chains,
        List<Issue> issues) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// How many samples were left out and why, one sentence a reason.
    List<String> omissions() {
        return dropped.entrySet().stream()
                .map(entry ->
                        (entry.getValue() == 1 ? "1 sample is" : entry.getValue() + " samples are")
                                + " left out: "
                                + entry.getKey())
                .toList();
    }

    String toJson() {
        return JSON.writeValueAsString(this);
    }

    static TokenNote parse(String json) {
        return JSON.readValue(json, TokenNote.class);
    }
}
