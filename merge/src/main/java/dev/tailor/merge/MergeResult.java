package dev.tailor.merge;

import java.nio.file.Path;
import java.util.List;

/// A finished merge.
///
/// @param output the model directory
/// @param tensors how many tensors it has
/// @param parameters how many elements they have together
/// @param bytes the size of the tensors
/// @param seconds from the first read to the last byte on the disk
/// @param notes what the user should know
public record MergeResult(
        Path output,
        int tensors,
        long parameters,
        long bytes,
        double seconds,
        List<String> notes) {}
