package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Location;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.train.Target;
import dev.tailor.train.TrainEstimate;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What a stage will take, before it runs.
public final class Forecast {
    private Forecast() {}

    /// The estimate of a training stage. Its model need not be there yet: the nearest one before it
    /// has the same shape. Empty if there is none, because an init stage has yet to make it.
    ///
    /// @param target where it is to run
    public static Optional<TrainEstimate> of(
            Stage.Training stage, Workspace workspace, Target target, Cancellation cancellation) {
        Optional<Path> base =
                nearest(stage.lesson().from(), stage.heading().place("from"), workspace);
        Optional<Path> teacher =
                stage.teacher()
                        .flatMap(model ->
                                nearest(model, stage.heading().place("teacher"), workspace));
        if (base.isEmpty() || teacher.isPresent() != stage.teacher().isPresent()) {
            return Optional.empty();
        }
        Path work = temporary();
        try {
            return Optional.of(
                    TrainEstimate.of(
                            TrainingStage.request(
                                    stage,
                                    workspace,
                                    new Parents(base.get(), teacher),
                                    work.resolve("result"),
                                    work),
                            target,
                            cancellation));
        } finally {
            AtomicWrite.deleteTree(work);
        }
    }

    /// Bytes of a model's weights, or of the nearest one before it that is there.
    public static long modelBytes(ModelReference model, Location place, Workspace workspace) {
        return nearest(model, place, workspace)
                .map(path -> {
                    if (!Checkpoint.isIn(path)) {
                        return 0L;
                    }
                    try (ModelDirectory directory = ModelDirectory.open(path)) {
                        return directory.checkpoint().tensors().stream()
                                .mapToLong(info -> info.bytes())
                                .sum();
                    }
                })
                .orElse(0L);
    }

    private static Optional<Path> nearest(
            ModelReference model, Location place, Workspace workspace) {
        return switch (model) {
            case ModelReference.Produced(String id) -> {
                Path made = workspace.directory().stage(id);
                yield Files.exists(made.resolve("config.json"))
                        ? Optional.of(made)
                        : workspace
                                .recipe()
                                .stage(id)
                                .flatMap(stage ->
                                        stage.models().stream()
                                                .findFirst()
                                                .flatMap(parent ->
                                                        nearest(
                                                                parent,
                                                                stage.heading().place(),
                                                                workspace)));
            }
            case ModelReference.Adapted adapted -> nearest(adapted.model(), place, workspace);
            case ModelReference.Base base -> given(base, place, workspace);
            case ModelReference.Directory directory -> given(directory, place, workspace);
            case ModelReference.Hub hub -> given(hub, place, workspace);
        };
    }

    private static Optional<Path> given(ModelReference model, Location place, Workspace workspace) {
        ModelSource source = workspace.models().source(model, place);
        return Optional.of(source.directory());
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("tailor-plan");
        } catch (IOException e) {
            throw AtomicWrite.failure(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }
}
