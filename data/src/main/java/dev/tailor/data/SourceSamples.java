package dev.tailor.data;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.internal.read.DataFiles;
import dev.tailor.data.internal.read.FileKind;
import dev.tailor.data.internal.read.Item;
import dev.tailor.data.internal.read.ReadOptions;
import dev.tailor.data.internal.read.RowReader;
import dev.tailor.data.internal.read.Rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The samples of the files of a source.
final class SourceSamples implements DataSet.Samples {
    private final DataFiles files;
    private final Recognition recognition;
    private final Map<String, String> columns;
    private final ReadOptions options;

    private SourceSamples(
            DataFiles files,
            Recognition recognition,
            Map<String, String> columns,
            ReadOptions options) {
        this.files = files;
        this.recognition = recognition;
        this.columns = columns;
        this.options = options;
    }

    static DataSet open(DataSource source) {
        DataFiles files = DataFiles.find(source.base(), source.paths());
        ReadOptions options = options(source);
        Map<String, String> columns = new HashMap<>();
        source.columns().forEach((formats, file) -> columns.put(file, formats));
        Recognition recognition = recognise(source, files, columns, options);
        SourceSamples samples = new SourceSamples(files, recognition, columns, options);
        return new DataSet(recognition.format(), recognition.reason(), samples);
    }

    private static ReadOptions options(DataSource source) {
        ReadOptions.Cut cut =
                switch (source.split()) {
                    case FILE -> ReadOptions.Cut.FILE;
                    case PARAGRAPH -> ReadOptions.Cut.PARAGRAPH;
                    case LINE -> ReadOptions.Cut.LINE;
                    case HEADING -> ReadOptions.Cut.HEADING;
                };
        DataSource.Limits limits = source.limits();
        return new ReadOptions(
                cut, limits.maxRowBytes(), limits.maxNesting(), limits.maxExpansion());
    }

    private static Recognition recognise(
            DataSource source, DataFiles files, Map<String, String> columns, ReadOptions options) {
        if (source.format().isPresent()) {
            Format format = source.format().get();
            if (source.kind().isPresent() && source.kind().get() != format.kind()) {
                throw TailorException.of(
                        ErrorCode.CONFIG_INVALID,
                        "format '%s' is not of the kind %s"
                                .formatted(format.id(), source.kind().get()));
            }
            return new Recognition(format, "said so by 'format: " + format.id() + "'");
        }
        boolean documents =
                files.files().stream()
                        .allMatch(
                                file -> FileKind.of(file).map(FileKind::isDocument).orElse(false));
        if (documents && source.kind().orElse(DataKind.TEXT) == DataKind.TEXT) {
            files.files().forEach(file -> Rows.open(file, options).close());
            String names =
                    files.files().stream()
                            .map(file -> file.getFileName().toString())
                            .map(name -> name.substring(name.indexOf('.') + 1))
                            .distinct()
                            .sorted()
                            .collect(Collectors.joining(", "));
            return new Recognition(Format.TEXT, "text documents (" + names + ")");
        }
        return Recognition.of(
                firstRows(files.files(), columns, options),
                source.kind(),
                files.files().getFirst());
    }

    /// The first rows, from as many files as it takes.
    private static List<Map<String, Object>> firstRows(
            List<Path> files, Map<String, String> columns, ReadOptions options) {
        List<Map<String, Object>> rows = new ArrayList<>();
        long damaged = 0;
        for (Path file : files) {
            try (RowReader reader = Rows.open(file, options)) {
                for (Item item = reader.next(); item != null; item = reader.next()) {
                    switch (item) {
                        case Item.Row row -> rows.add(FileSamples.renamed(row.fields(), columns));
                        case Item.Damaged _ -> damaged++;
                    }
                    if (rows.size() == Recognition.LOOKED_AT) {
                        return rows;
                    }
                }
            }
        }
        if (rows.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            damaged == 0
                                    ? "an empty data set: there is not one row"
                                    : "not one of " + damaged + " rows can be read")
                    .at(files.getFirst())
                    .remedy("put data into the file, or name another one");
        }
        return rows;
    }

    private FileSamples open(Consumer<Rejection> rejections) {
        return new FileSamples(recognition.format(), columns, options, files.files(), rejections);
    }

    @Override
    public SampleReader open() {
        return open(rejection -> {});
    }

    @Override
    public DataReport report() {
        Tally tally = new Tally();
        try (FileSamples reader = open(tally::reject)) {
            for (Sample sample = reader.next(); sample != null; sample = reader.next()) {
                tally.accept(sample);
            }
            return new DataReport(
                    recognition.format(),
                    recognition.reason(),
                    files.files(),
                    files.skipped(),
                    files.files().stream().mapToLong(SourceSamples::size).sum(),
                    tally.rows(),
                    tally.samples(),
                    tally.duplicates(),
                    tally.rejectedByReason(),
                    tally.rejections(),
                    reader.unusedColumns(),
                    tally.statistics());
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String digest() {
        StringBuilder parts = new StringBuilder();
        parts.append(recognition.format()).append('\n').append(options).append('\n');
        columns.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> parts.append(entry).append('\n'));
        files.files().forEach(file -> parts.append(Digest.ofFile(file)).append('\n'));
        return Digest.ofString(parts.toString());
    }
}
