package dev.tailor.train.internal.batch;

import dev.tailor.data.Origin;
import dev.tailor.train.ChainSummary;
import dev.tailor.train.DataSummary;
import dev.tailor.train.DataSummary.Issue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Counts what becomes of samples.
final class Tally {
    private final Set<Integer> stopIds;
    private final Map<String, Long> dropped = new TreeMap<>();
    private final List<Issue> issues = new ArrayList<>();
    private long[] hashes = new long[1024];
    private int samples;
    private final MaskTally mask;
    private long truncated;
    private long stopping;
    private long withoutSpans;

    Tally(Set<Integer> stopIds, boolean answersOnly) {
        this.stopIds = stopIds;
        this.mask = new MaskTally(answersOnly);
    }

    void add(Origin origin, Encoded encoded) {
        if (encoded.dropped().isPresent()) {
            String reason = encoded.dropped().get();
            dropped.merge(reason, 1L, Long::sum);
            issue(new Issue(origin, reason, true));
            return;
        }
        if (encoded.truncated()) {
            truncated++;
            issue(new Issue(origin, "longer than the sequence length", false));
        }
        withoutSpans += encoded.withoutSpans() ? 1 : 0;
        stopping += encoded.sequences().stream().anyMatch(this::stops) ? 1 : 0;
        mask.add(encoded.sequences());
        remember(encoded);
    }

    private void issue(Issue issue) {
        if (issues.size() < DataSummary.MAX_ISSUES) {
            issues.add(issue);
        }
    }

    private boolean stops(Sequence sequence) {
        for (int i = 1; i < sequence.tokens().length; i++) {
            if (sequence.isTrained(i) && stopIds.contains(sequence.tokens()[i])) {
                return true;
            }
        }
        return false;
    }

    /// 64 bits tell even many millions of samples apart almost surely.
    private void remember(Encoded encoded) {
        long hash = 0;
        for (Sequence sequence : encoded.sequences()) {
            for (int token : sequence.tokens()) {
                hash = (hash ^ token) * 0x9E3779B97F4A7C15L;
                hash ^= hash >>> 32;
            }
            hash = (hash ^ -1) * 0xC2B2AE3D27D4EB4FL;
        }
        if (samples == hashes.length) {
            hashes = Arrays.copyOf(hashes, 2 * samples);
        }
        hashes[samples++] = hash;
    }

    TokenNote note(ChainSummary chains) {
        long[] sorted = Arrays.copyOf(hashes, samples);
        Arrays.sort(sorted);
        long duplicates = 0;
        for (int i = 1; i < samples; i++) {
            duplicates += sorted[i] == sorted[i - 1] ? 1 : 0;
        }
        return new TokenNote(
                samples,
                mask.summary(),
                truncated,
                duplicates,
                stopping,
                withoutSpans,
                dropped,
                chains,
                issues);
    }
}
