package dev.tailor.data;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Samples that can be read again and again, always in the same order. Reading streams: memory does
/// not grow with the data. Safe for use by several threads, each with its own reader.
public final class DataSet {
    private final Format format;
    private final String reason;
    private final Samples samples;
    private final AtomicReference<@Nullable DataReport> report = new AtomicReference<>();

    /// Where samples come from.
    interface Samples {
        /// A reader at the first sample.
        SampleReader open();

        /// Reads everything once.
        DataReport report();

        /// Changes when a sample may have changed.
        String digest();
    }

    /// A data set and how often each of its samples shall come.
    ///
    /// @param weight 1 is once, 2 twice, 0.3 for three of ten chosen at random
    public record Weighted(DataSet data, double weight) {}

    /// The two parts of a data set.
    public record Split(DataSet train, DataSet holdout) {}

    DataSet(Format format, String reason, Samples samples) {
        this.format = format;
        this.reason = reason;
        this.samples = samples;
    }

    /// Finds the files and recognises what they hold.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` if a path stands for no file; `DATA_INVALID` if the
    ///   data is empty, not what it says, of another kind, or not recognisable
    public static DataSet open(DataSource source) {
        return SourceSamples.open(source);
    }

    /// Several data sets as one. Samples of all of them come evenly mixed from beginning to end.
    ///
    /// @throws TailorException `CONFIG_INVALID` if they are of different kinds, other than text and
    ///   chat
    public static DataSet mix(List<Weighted> parts, Seed seed) {
        return MixedSamples.of(parts, seed);
    }

    /// How the rows are laid out.
    public Format format() {
        return format;
    }

    /// What the data teaches.
    public DataKind kind() {
        return format.kind();
    }

    /// Why the rows were taken for what they are.
    public String reason() {
        return reason;
    }

    /// A reader at the first sample. At the end of the data it fails with `DATA_INVALID` if there
    /// was not a single sample.
    public SampleReader reader() {
        SampleReader reader = samples.open();
        return new SampleReader() {
            private boolean any;

            @Override
            public @Nullable Sample next() {
                Sample sample = reader.next();
                if (sample == null && !any) {
                    throw nothingUsable();
                }
                any = true;
                return sample;
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    private TailorException nothingUsable() {
        DataReport all = report();
        String reasons =
                all.rejectedByReason().entrySet().stream()
                        .limit(3)
                        .map(entry -> entry.getValue() + " x " + entry.getKey())
                        .reduce((left, right) -> left + "; " + right)
                        .orElse("there are no rows");
        return TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "not one of %d rows can be used: %s".formatted(all.rows(), reasons))
                .at(all.files().isEmpty() ? "data" : all.files().getFirst())
                .remedy("see all of it with: tailor data check");
    }

    /// All samples as a stream, which should be closed.
    public Stream<Sample> samples() {
        SampleReader reader = reader();
        Iterator<Sample> iterator =
                new Iterator<>() {
                    private @Nullable Sample next;
                    private boolean ended;

                    @Override
                    public boolean hasNext() {
                        if (next == null && !ended) {
                            next = reader.next();
                            ended = next == null;
                        }
                        return next != null;
                    }

                    @Override
                    public Sample next() {
                        if (!hasNext() || next == null) {
                            throw new NoSuchElementException();
                        }
                        Sample sample = next;
                        next = null;
                        return sample;
                    }
                };
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(
                                iterator, Spliterator.ORDERED | Spliterator.NONNULL),
                        false)
                .onClose(reader::close);
    }

    /// All samples in memory.
    public List<Sample> toList() {
        List<Sample> all = new ArrayList<>();
        try (SampleReader reader = reader()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                all.add(sample);
            }
        }
        return all;
    }

    /// What is in the data and what was left out. Reads everything once, the first time.
    public DataReport report() {
        DataReport known = report.get();
        if (known == null) {
            known = samples.report();
            report.set(known);
        }
        return known;
    }

    /// SHA-256 of everything that decides about the samples: the files' bytes and how they are
    /// read. Names and places of files do not matter.
    public String digest() {
        return samples.digest();
    }

    /// Puts a part of the samples aside, at least one. Equal samples always stay together, so that
    /// nothing is both learnt and tested.
    ///
    /// @param holdout the share to put aside, more than 0 and less than 1
    /// @throws TailorException `CONFIG_INVALID` for another share, `DATA_INVALID` if there are not
    ///   two different samples
    public Split split(double holdout, Seed seed) {
        if (!(holdout > 0 && holdout < 1)) {
            throw TailorException.of(
                    ErrorCode.CONFIG_INVALID,
                    "the holdout's share must lie between 0 and 1, not be " + holdout);
        }
        LongSet contents = new LongSet();
        try (SampleReader reader = reader()) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                contents.add(ContentHash.of(sample));
            }
        }
        if (contents.size() < 2) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID, "one sample cannot be split into two parts")
                    .remedy(
                            format == Format.TEXT
                                    ? "make more samples of the text: 'split: paragraph', 'line' or"
                                            + " 'heading'"
                                    : "put aside data of its own instead of 'hold-out'");
        }
        // Each content has a random rank that depends on it and the seed alone: rows that are added
        // later hardly move the others.
        long key = seed.of("holdout").value();
        List<Long> ranked = new ArrayList<>();
        for (long content : contents.toSortedArray()) {
            ranked.add(content);
        }
        ranked.sort((a, b) ->
                Long.compareUnsigned(ContentHash.mixed(a ^ key), ContentHash.mixed(b ^ key)));
        int size = (int) Math.clamp(Math.round(holdout * ranked.size()), 1, ranked.size() - 1);
        Set<Long> chosen = new HashSet<>(ranked.subList(0, size));
        String digest = Digest.ofString(digest() + " holdout " + holdout + " " + key);
        return new Split(
                filtered("train", digest, () -> hash -> !chosen.contains(hash)),
                filtered("holdout", digest, () -> chosen::contains));
    }

    /// The same without samples that are equal to an earlier one.
    public DataSet withoutDuplicates() {
        String digest = Digest.ofString(digest());
        return filtered("without duplicates", digest, () -> new LongSet()::add);
    }

    /// The first samples only.
    public DataSet limit(long most) {
        return filtered(
                "the first " + most,
                digest(),
                () -> {
                    long[] left = {most};
                    return hash -> left[0]-- > 0;
                });
    }

    private DataSet filtered(String what, String digest, FilteredSamples.Filter filter) {
        return new DataSet(
                format,
                reason,
                new FilteredSamples(this, filter, Digest.ofString(digest + " " + what)));
    }
}
