package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.torch.Precision;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A model directory for a model with an adapter, which some stages need as one.
final class FusedModel {
    private FusedModel() {}

    /// The model's own directory, or one in `work` with the adapter fused into the weights.
    static Path of(ModelSource source, Path work) {
        if (source.adapter().isEmpty()) {
            return source.directory();
        }
        Path fused = work.resolve("fused");
        if (!Files.exists(fused)) {
            AtomicWrite.directory(fused, directory -> fuse(source, directory));
        }
        return fused;
    }

    private static void fuse(ModelSource source, Path directory) {
        try (LoadedModel loaded = LoadedModel.load(source, Optional.of(Precision.FLOAT32));
                ModelDirectory model = ModelDirectory.open(source.directory())) {
            loaded.model().fuseAdapter();
            model.copySideFilesTo(directory);
            loaded.model().save(directory, Precision.FLOAT32);
        }
    }
}
