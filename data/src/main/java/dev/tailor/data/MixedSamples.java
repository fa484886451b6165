package dev.tailor.data;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Several data sets interleaved: whichever is furthest behind its share comes next.
final class MixedSamples implements DataSet.Samples {
    private static final Set<DataKind> LEARNT_AS_TEXT = Set.of(DataKind.TEXT, DataKind.CHAT);

    private final List<DataSet.Weighted> parts;
    private final Seed seed;

    private MixedSamples(List<DataSet.Weighted> parts, Seed seed) {
        this.parts = List.copyOf(parts);
        this.seed = seed;
    }

    static DataSet of(List<DataSet.Weighted> parts, Seed seed) {
        if (parts.isEmpty()) {
            throw TailorException.of(ErrorCode.CONFIG_INVALID, "a mix of no data sets");
        }
        DataSet first = parts.getFirst().data();
        StringBuilder reason = new StringBuilder("a mix of ");
        for (DataSet.Weighted part : parts) {
            if (!mixes(part.data().kind(), first.kind())) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "cannot mix data of the kinds %s and %s"
                                        .formatted(first.kind(), part.data().kind()))
                        .remedy("train on them in stages of their own");
            }
            if (!(part.weight() > 0 && part.weight() <= 1000)) {
                throw TailorException.of(
                        ErrorCode.CONFIG_INVALID,
                        "a weight must be more than 0 and at most 1000, not " + part.weight());
            }
            reason.append(reason.charAt(reason.length() - 1) == ' ' ? "" : ", ")
                    .append(part.data().format().id())
                    .append(" x ")
                    .append(part.weight());
        }
        return new DataSet(first.format(), reason.toString(), new MixedSamples(parts, seed));
    }

    /// Text and conversations mix, because pre-training learns both as running text.
    private static boolean mixes(DataKind one, DataKind other) {
        return one == other || LEARNT_AS_TEXT.containsAll(Set.of(one, other));
    }

    @Override
    public SampleReader open() {
        List<Part> readers = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            readers.add(new Part(parts.get(i), seed.of("mix", i)));
        }
        return new SampleReader() {
            @Override
            public @Nullable Sample next() {
                Part furthestBehind = readers.getFirst();
                for (Part part : readers) {
                    if (part.progress() < furthestBehind.progress()) {
                        furthestBehind = part;
                    }
                }
                return furthestBehind.next();
            }

            @Override
            public void close() {
                readers.forEach(Part::close);
            }
        };
    }

    /// One of the data sets, read as often as its weight says.
    private static final class Part {
        private final DataSet data;
        private final long size;
        private final long total;
        private final BitSet lastRound = new BitSet();
        private long taken;
        private long position;
        private @Nullable SampleReader reader;

        Part(DataSet.Weighted part, Seed seed) {
            data = part.data();
            size = data.report().samples();
            total = Math.max(1, Math.round(part.weight() * size));
            choose((int) (total % size), seed);
        }

        /// Chooses which samples the last, incomplete round takes.
        private void choose(int count, Seed seed) {
            int[] order = new int[(int) size];
            for (int i = 0; i < order.length; i++) {
                order[i] = i;
            }
            SplitMix random = seed.generator();
            random.shuffle(order);
            for (int i = 0; i < count; i++) {
                lastRound.set(order[i]);
            }
        }

        double progress() {
            return (double) taken / total;
        }

        @Nullable Sample next() {
            if (taken == total) {
                return null;
            }
            while (true) {
                if (reader == null) {
                    reader = data.reader();
                    position = 0;
                }
                Sample sample = reader.next();
                if (sample == null) {
                    reader.close();
                    reader = null;
                    continue;
                }
                boolean inFullRound = taken < total - total % size;
                boolean wanted = inFullRound || lastRound.get((int) position);
                position++;
                if (wanted) {
                    taken++;
                    return sample;
                }
            }
        }

        void close() {
            if (reader != null) {
                reader.close();
            }
        }
    }

    @Override
    public DataReport report() {
        List<Path> files = new ArrayList<>();
        List<Path> skipped = new ArrayList<>();
        List<Rejection> rejections = new ArrayList<>();
        List<String> unused = new ArrayList<>();
        Map<String, Long> reasons = new LinkedHashMap<>();
        long bytes = 0;
        long rejected = 0;
        for (DataSet.Weighted part : parts) {
            DataReport each = part.data().report();
            files.addAll(each.files());
            skipped.addAll(each.skippedFiles());
            rejections.addAll(each.rejections());
            unused.addAll(each.unusedColumns());
            each.rejectedByReason().forEach((why, count) -> reasons.merge(why, count, Long::sum));
            bytes += each.bytes();
            rejected += each.rejected();
        }
        DataReport together =
                new DataReport(
                        parts.getFirst().data().format(),
                        "a mix of " + parts.size() + " data sets",
                        files,
                        skipped,
                        bytes,
                        rejected,
                        0,
                        0,
                        reasons,
                        rejections.stream().limit(DataReport.MAX_LISTED).toList(),
                        unused.stream().distinct().sorted().toList(),
                        new Tally().statistics());
        return FilteredSamples.counted(this, together);
    }

    @Override
    public String digest() {
        StringBuilder all = new StringBuilder("mix ").append(seed.value());
        parts.forEach(part ->
                all.append('\n').append(part.data().digest()).append(' ').append(part.weight()));
        return Digest.ofString(all.toString());
    }
}
