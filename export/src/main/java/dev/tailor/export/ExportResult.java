package dev.tailor.export;

import dev.tailor.tensors.GgmlType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What was exported, and how far the file, read back, is from the model.
///
/// @param bytes size of the file
/// @param parameters weights in the file, padding and RoPE factors included
/// @param tensors tensors by storage type
/// @param maxAbsoluteError largest difference of a stored weight from the model's
/// @param relativeError the worst tensor's root mean square error over its root mean square
/// @param tokenizer `gpt2`, `llama` or `t5`: llama.cpp's kinds of tokenizer
/// @param preTokenizer how llama.cpp will split text before merging
/// @param paddedRows rows of the embedding that no token leads to
/// @param notes what the user should know, also sent as events
public record ExportResult(
        Path file,
        GgufType type,
        long bytes,
        long parameters,
        Map<GgmlType, Integer> tensors,
        double maxAbsoluteError,
        double relativeError,
        String tokenizer,
        String preTokenizer,
        int paddedRows,
        List<String> notes) {
    public ExportResult {
        tensors = Map.copyOf(tensors);
        notes = List.copyOf(notes);
    }

    /// The number of tensors.
    public int tensorCount() {
        return tensors.values().stream().mapToInt(Integer::intValue).sum();
    }

    /// Bits a weight, metadata included.
    public double bitsPerWeight() {
        return 8.0 * bytes / parameters;
    }
}
