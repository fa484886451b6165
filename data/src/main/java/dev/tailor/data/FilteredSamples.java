package dev.tailor.data;

import org.jspecify.annotations.Nullable;

import java.util.function.LongPredicate;

/// Those samples of a data set whose content passes a filter.
final class FilteredSamples implements DataSet.Samples {
    private final DataSet data;
    private final Filter filter;
    private final String digest;

    /// Filters by content; each pass over the data gets a new one.
    interface Filter {
        /// Says of each sample's hash, in order, whether it stays.
        LongPredicate start();
    }

    FilteredSamples(DataSet data, Filter filter, String digest) {
        this.data = data;
        this.filter = filter;
        this.digest = digest;
    }

    @Override
    public SampleReader open() {
        SampleReader reader = data.reader();
        LongPredicate stays = filter.start();
        return new SampleReader() {
            @Override
            public @Nullable Sample next() {
                Sample sample = reader.next();
                while (sample != null && !stays.test(ContentHash.of(sample))) {
                    sample = reader.next();
                }
                return sample;
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    @Override
    public DataReport report() {
        return counted(this, data.report());
    }

    /// The report of derived samples: files and rejected rows are those of where they come from.
    static DataReport counted(DataSet.Samples samples, DataReport from) {
        Tally tally = new Tally();
        try (SampleReader reader = samples.open()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                tally.accept(sample);
            }
        }
        return new DataReport(
                from.format(),
                from.reason(),
                from.files(),
                from.skippedFiles(),
                from.bytes(),
                tally.samples() + from.rejected(),
                tally.samples(),
                tally.duplicates(),
                from.rejectedByReason(),
                from.rejections(),
                from.unusedColumns(),
                tally.statistics());
    }

    @Override
    public String digest() {
        return digest;
    }
}
