package dev.tailor.train;

import dev.tailor.data.Origin;

import java.util.List;
import java.util.Map;

/// What became of the data on its way to the model.
///
/// @param samples samples that are trained on (pieces of long documents count one by one)
/// @param rows rows they were packed into
/// @param positions positions the model reads in one epoch
/// @param mask which tokens it learns to predict in one epoch, and how much they count
/// @param truncated samples cut at the end because they were too long
/// @param dropped samples left out, by reason
/// @param chains what became of texts with questions and answers
/// @param issues every truncated or dropped sample, at most [#MAX_ISSUES]
public record DataSummary(
        long samples,
        long rows,
        long positions,
        MaskSummary mask,
        long truncated,
        Map<String, Long> dropped,
        ChainSummary chains,
        List<Issue> issues) {
    /// More than these are counted, not listed.
    public static final int MAX_ISSUES = 10_000;

    /// Something that happened to one sample.
    public record Issue(Origin origin, String reason, boolean dropped) {}

    /// Tokens that are learnt in one epoch.
    public long trainedTokens() {
        return mask.learnt();
    }

    /// Samples left out altogether.
    public long droppedTotal() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }
}
