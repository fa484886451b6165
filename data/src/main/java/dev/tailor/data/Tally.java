package dev.tailor.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Counts samples and rejected rows while a data set is read once.
final class Tally {
    private static final int MAX_REASONS = 100;
    private static final String OTHER = "other reasons";

    private final Map<String, Long> reasons = new LinkedHashMap<>();
    private final List<Rejection> listed = new ArrayList<>();
    private final LongSet contents = new LongSet();
    private int[] lengths = new int[1024];
    private int samples;
    private long rejected;
    private long duplicates;
    private long characters;
    private long turns;
    private int mostTurns;

    void reject(Rejection rejection) {
        rejected++;
        boolean known = reasons.containsKey(rejection.reason()) || reasons.size() < MAX_REASONS;
        reasons.merge(known ? rejection.reason() : OTHER, 1L, Long::sum);
        if (listed.size() < DataReport.MAX_LISTED) {
            listed.add(rejection);
        }
    }

    /// Counts a sample; false if an equal one was counted before.
    boolean accept(Sample sample) {
        int length = SampleText.length(sample);
        int messages = SampleText.messages(sample).size();
        if (samples == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * samples);
        }
        lengths[samples++] = length;
        characters += length;
        turns += messages;
        mostTurns = Math.max(mostTurns, messages);
        boolean first = contents.add(ContentHash.of(sample));
        duplicates += first ? 0 : 1;
        return first;
    }

    long samples() {
        return samples;
    }

    long rows() {
        return samples + rejected;
    }

    long duplicates() {
        return duplicates;
    }

    List<Rejection> rejections() {
        return List.copyOf(listed);
    }

    /// Most frequent first.
    Map<String, Long> rejectedByReason() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        reasons.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    SampleStatistics statistics() {
        int[] sorted = Arrays.copyOf(lengths, samples);
        Arrays.sort(sorted);
        if (samples == 0) {
            return new SampleStatistics(0, 0, 0, 0, 0, 0, 0, 0);
        }
        return new SampleStatistics(
                samples,
                characters,
                sorted[0],
                sorted[samples / 2],
                sorted[Math.min(samples - 1, (int) Math.ceil(0.95 * samples) - 1)],
                sorted[samples - 1],
                turns,
                mostTurns);
    }
}
