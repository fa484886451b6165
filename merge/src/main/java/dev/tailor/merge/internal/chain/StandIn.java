package dev.tailor.merge.internal.chain;

import dev.tailor.core.AtomicWrite;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.run.SideFileWriter;
import dev.tailor.tensors.SafetensorsWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A merge's result without its numbers: configuration, tokenizer and the headers of the tensors.
/// Merges that use the result can be planned with it before it exists.
final class StandIn {
    private StandIn() {}

    /// Writes the model into a new directory. The file of its tensors has the full length, but
    /// takes next to no room: it is one hole.
    static void write(MergePlan plan, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
        SafetensorsWriter.create(
                        directory,
                        plan.tensors().stream().map(MergePlan.Tensor::output).toList(),
                        Long.MAX_VALUE,
                        Map.of())
                .close();
        SideFileWriter.ofPlan(plan).write(directory);
    }
}
