package dev.tailor.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What was read and what was left out.
///
/// @param format how the rows are laid out
/// @param reason why they were taken for that
/// @param files the files, in the order they were read
/// @param skippedFiles files in the same directories that are no data
/// @param bytes their size
/// @param rows rows read, those left out included
/// @param samples rows that became samples
/// @param duplicates samples that are equal to an earlier one
/// @param rejectedByReason how many rows were left out for each reason, most frequent first
/// @param rejections the first rows that were left out (at most [#MAX_LISTED])
/// @param unusedColumns columns that the format does not know and nothing was taken from
/// @param statistics the sizes of the samples
public record DataReport(
        Format format,
        String reason,
        List<Path> files,
        List<Path> skippedFiles,
        long bytes,
        long rows,
        long samples,
        long duplicates,
        Map<String, Long> rejectedByReason,
        List<Rejection> rejections,
        List<String> unusedColumns,
        SampleStatistics statistics) {
    /// How many rejected rows are listed; all are counted.
    public static final int MAX_LISTED = 1000;

    /// Rows that were left out.
    public long rejected() {
        return rows - samples;
    }
}
