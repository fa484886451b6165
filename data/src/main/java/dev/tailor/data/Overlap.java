package dev.tailor.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How much of one data set stands in another: what is tested must not have been learnt.
///
/// Two samples are compared by the runs of words they share, upper and lower case and punctuation
/// left aside. A sample of fewer words than a run is compared as a whole.
///
/// @param gramLength words of a run
/// @param rows samples of the data set that was looked for
/// @param exact samples that stand word for word in the other data set
/// @param leaks samples of which at least the threshold's share stands in one sample of the other
///   data set, most first
public record Overlap(int gramLength, long rows, long exact, List<Leak> leaks) {
    /// Words of a run, if nothing else is wanted.
    public static final int USUAL_GRAM_LENGTH = 8;

    /// A sample that stands in another data set.
    ///
    /// @param sample the sample
    /// @param found the sample of the other data set that holds most of it
    /// @param share the share of its runs of words found there, up to 1
    public record Leak(Origin sample, Origin found, double share) {}

    /// One row of the data set that is looked for.
    private static final class Row {
        private final Origin origin;
        private final int grams;
        private Origin found;
        private int most;

        Row(Origin origin, int grams) {
            this.origin = origin;
            this.grams = grams;
            this.found = origin;
        }

        double share() {
            return (double) most / grams;
        }
    }

    /// Looks for the samples of `holdout` in `train`. Memory grows with the holdout only.
    ///
    /// @param threshold the share from which on a sample counts as leaked
    public static Overlap of(DataSet holdout, DataSet train, int gramLength, double threshold) {
        List<Row> rows = new ArrayList<>();
        Map<Long, List<Row>> rowsByGram = new HashMap<>();
        try (SampleReader reader = holdout.reader()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                long[] grams = grams(sample, gramLength);
                Row row = new Row(sample.origin(), grams.length);
                rows.add(row);
                for (long gram : grams) {
                    rowsByGram.computeIfAbsent(gram, any -> new ArrayList<>(1)).add(row);
                }
            }
        }
        try (SampleReader reader = train.reader()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                Map<Row, Integer> shared = new HashMap<>();
                for (long gram : grams(sample, gramLength)) {
                    for (Row row : rowsByGram.getOrDefault(gram, List.of())) {
                        shared.merge(row, 1, Integer::sum);
                    }
                }
                for (Map.Entry<Row, Integer> entry : shared.entrySet()) {
                    Row row = entry.getKey();
                    if (entry.getValue() > row.most) {
                        row.most = entry.getValue();
                        row.found = sample.origin();
                    }
                }
            }
        }
        List<Leak> leaks =
                rows.stream()
                        .filter(row -> row.most > 0 && row.share() >= threshold)
                        .map(row -> new Leak(row.origin, row.found, row.share()))
                        .sorted(Comparator.comparingDouble(Leak::share).reversed())
                        .toList();
        long exact = rows.stream().filter(row -> row.most == row.grams).count();
        return new Overlap(gramLength, rows.size(), exact, leaks);
    }

    /// The distinct hashes of a sample's runs of words; at least one.
    private static long[] grams(Sample sample, int gramLength) {
        List<Long> words = new ArrayList<>();
        for (String text : SampleText.texts(sample)) {
            addWords(text, words);
        }
        LongSet grams = new LongSet();
        int last = Math.max(0, words.size() - gramLength);
        for (int start = 0; start <= last; start++) {
            long hash = gramLength;
            for (int i = start; i < Math.min(start + gramLength, words.size()); i++) {
                hash = ContentHash.mixed(hash * 31 + words.get(i));
            }
            grams.add(hash);
        }
        return grams.toSortedArray();
    }

    /// Hashes of words; of writing systems without spaces, of single characters.
    private static void addWords(String text, List<Long> words) {
        long hash = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            boolean inWord = Character.isLetterOrDigit(c);
            boolean alone = Character.isIdeographic(c);
            if (hash != 0 && (!inWord || alone)) {
                words.add(hash);
                hash = 0;
            }
            if (alone) {
                words.add(ContentHash.mixed(c));
            } else if (inWord) {
                hash = ContentHash.mixed(hash + Character.toLowerCase(c) + 1);
            }
        }
        if (hash != 0) {
            words.add(hash);
        }
    }
}
