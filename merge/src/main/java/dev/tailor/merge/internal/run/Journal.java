package dev.tailor.merge.internal.run;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Crc32;
import dev.tailor.core.Digest;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which tensors of a merge are done, one a line with the checksums of its bytes and of those it
/// was made of, and with what was measured if the merge is explained, after a first line that says
/// which merge it is. What is told here is believed only if the bytes have the checksum: a line may
/// have reached the disk before them.
final class Journal {
    /// A tensor that is done.
    ///
    /// @param sum of its bytes
    /// @param inputs of the bytes of its inputs
    /// @param measures what an explainer takes, if there was one
    record Done(Crc32 sum, List<Crc32> inputs, Optional<List<Double>> measures) {}

    private static final String NOT_MEASURED = "-";
    private static final String NAME = "journal.txt";

    private final Path file;
    private final Map<String, Done> done;

    private Journal(Path file, Map<String, Done> done) {
        this.file = file;
        this.done = done;
    }

    /// The journal in a directory, empty unless it is that of the same merge.
    static Journal open(
            Path directory, MergePlan plan, MergeOptions options, InputFiles inputFiles) {
        Path file = directory.resolve(NAME);
        String merge = "merge " + identity(plan, options, inputFiles);
        try {
            List<String> lines = Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
            if (!lines.isEmpty() && lines.getFirst().equals(merge)) {
                return new Journal(file, read(lines.subList(1, lines.size())));
            }
            AtomicWrite.deleteTree(directory);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
        AtomicWrite.appendLine(file, merge);
        return new Journal(file, Map.of());
    }

    /// Reads lines up to one that is torn.
    private static Map<String, Done> read(List<String> lines) {
        Map<String, Done> done = new LinkedHashMap<>();
        for (String line : lines) {
            String[] parts = line.split(" ", 4);
            try {
                if (parts.length < 4) {
                    return done;
                }
                List<Crc32> sums = list(parts[0], Journal::parse);
                Optional<List<Double>> measures =
                        parts[1].equals(NOT_MEASURED)
                                ? Optional.empty()
                                : Optional.of(list(parts[1], Journal::parseMeasure));
                if (!parts[2].equals(counts(sums.size(), measures))) {
                    return done;
                }
                done.put(
                        parts[3],
                        new Done(sums.getFirst(), sums.subList(1, sums.size()), measures));
            } catch (NumberFormatException e) {
                return done;
            }
        }
        return done;
    }

    private static <T> List<T> list(String text, Function<String, T> parse) {
        return text.isEmpty() ? List.of() : Arrays.stream(text.split(",", -1)).map(parse).toList();
    }

    /// Shows whether a line is torn.
    private static String counts(int sums, Optional<List<Double>> measures) {
        return sums + "," + measures.map(List::size).orElse(0);
    }

    private static double parseMeasure(String text) {
        return Double.longBitsToDouble(Long.parseUnsignedLong(text, 16));
    }

    private static Crc32 parse(String text) {
        String[] parts = text.split(":", 2);
        if (parts.length < 2) {
            throw new NumberFormatException(text);
        }
        return new Crc32(Integer.parseUnsignedInt(parts[0], 16), Long.parseLong(parts[1]));
    }

    private static String format(Crc32 sum) {
        return sum + ":" + sum.length();
    }

    /// To the last bit.
    private static String format(List<Double> measures) {
        return measures.stream()
                .map(measure -> Long.toHexString(Double.doubleToRawLongBits(measure)))
                .collect(Collectors.joining(","));
    }

    /// Everything that the tensors' bytes depend on.
    private static String identity(MergePlan plan, MergeOptions options, InputFiles inputFiles) {
        return Digest.ofString(
                String.join(
                        "\n",
                        plan.tensors().toString(),
                        plan.models().toString(),
                        plan.computeType().toString(),
                        Long.toString(options.seed()),
                        Boolean.toString(options.compat()),
                        Long.toString(options.maxShardBytes()),
                        inputFiles.toString()));
    }

    /// The tensors that were done when it was opened.
    Map<String, Done> done() {
        return done;
    }

    void add(String tensor, Done sums) {
        String text =
                Stream.concat(Stream.of(sums.sum()), sums.inputs().stream())
                        .map(Journal::format)
                        .collect(Collectors.joining(","));
        String measures = sums.measures().map(Journal::format).orElse(NOT_MEASURED);
        String counts = counts(1 + sums.inputs().size(), sums.measures());
        AtomicWrite.appendLine(file, String.join(" ", text, measures, counts, tensor));
    }

    void delete() {
        AtomicWrite.deleteTree(file);
    }
}
