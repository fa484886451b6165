package dev.tailor.workflow.internal.stages;

import dev.tailor.merge.Adapters;
import dev.tailor.merge.MergeOptions;
import dev.tailor.workflow.model.ModelSource;

import java.nio.file.Files;
import java.nio.file.Path;

/// A model directory for a model with an adapter, which some stages need as one.
final class FusedModel {
    private FusedModel() {}

    /// The model's own directory, or one in the stage's work folder with the adapter merged into
    /// the weights.
    ///
    /// @param name of that directory
    static Path of(ModelSource source, String name, Assignment assignment) {
        if (source.adapter().isEmpty()) {
            return source.directory();
        }
        Path fused = assignment.work().resolve(name);
        if (!Files.exists(fused)) {
            Adapters.merge(
                    source.directory(),
                    source.adapter().get(),
                    fused,
                    MergeOptions.standard().withDigests(false),
                    assignment.listener(),
                    assignment.cancellation());
        }
        return fused;
    }
}
