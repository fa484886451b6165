package dev.tailor.workflow.model;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.PackedBatch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes the logits of sequences as one safetensors file: `logits.<row>`, F32, `[sequence,
/// vocabulary]`, rows counted from 0. One sequence's logits are in memory at a time.
public final class LogitsFile {
    private LogitsFile() {}

    /// Computes and writes the logits of every sequence.
    public static void write(
            Path file,
            CausalModel model,
            List<TokenSequence> sequences,
            Cancellation cancellation) {
        int vocabulary = model.config().vocabularySize();
        List<TensorInfo> layout = new ArrayList<>();
        for (int row = 0; row < sequences.size(); row++) {
            layout.add(
                    TensorInfo.of(
                            "logits." + row,
                            DType.F32,
                            sequences.get(row).tokens().length,
                            vocabulary));
        }
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.resolveSibling("." + absolute.getFileName() + ".writing");
        try {
            AtomicWrite.deleteTree(directory);
            Files.createDirectories(directory);
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(directory, layout, Long.MAX_VALUE, Map.of())) {
                for (int row = 0; row < sequences.size(); row++) {
                    cancellation.check();
                    int[] tokens = sequences.get(row).tokens();
                    float[] logits =
                            model.logits(PackedBatch.nextToken(List.of(tokens)), 0, tokens.length);
                    writer.write("logits." + row, 0, MemorySegment.ofArray(logits));
                }
                writer.finish();
            }
            Files.move(
                    directory.resolve("model.safetensors"),
                    absolute,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        } finally {
            AtomicWrite.deleteTree(directory);
        }
    }
}
