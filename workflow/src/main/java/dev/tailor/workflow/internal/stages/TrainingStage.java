package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.data.DataReport;
import dev.tailor.data.DataSet;
import dev.tailor.data.Rejection;
import dev.tailor.train.ChainSummary;
import dev.tailor.train.DataSummary;
import dev.tailor.train.LossMask;
import dev.tailor.train.Objective;
import dev.tailor.train.Target;
import dev.tailor.train.TrainEstimate;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.TrainResult;
import dev.tailor.train.Trainer;
import dev.tailor.workflow.recipe.Lesson;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.SampleMasks;
import dev.tailor.workflow.store.StageState.DataUse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Trains: continued pre-training, supervised fine-tuning, preference optimisation, distillation.
final class TrainingStage {
    private static final int LISTED = 200;
    private static final int SHOWN = 4;

    private TrainingStage() {}

    static Outcome run(Stage.Training stage, Workspace workspace, Assignment assignment) {
        TrainRequest request =
                request(
                        stage,
                        workspace,
                        Parents.of(stage, workspace, assignment),
                        assignment.result(),
                        assignment.work());
        requireFit(stage, request, assignment);
        stage.data().forEach(name -> warnOfRejected(name, stage, workspace, assignment));
        keepMasks(request, workspace);
        TrainResult result =
                Trainer.train(
                        stage.lesson()
                                .samples()
                                .map(samples -> request.with(SampleTokens.of(samples, request)))
                                .orElse(request),
                        assignment.listener(),
                        assignment.cancellation());
        return new Outcome(
                metrics(result), lasting(result), uses(stage, workspace, result), dropped(result));
    }

    /// Refuses what the machine has no room for, before it learns that the hard way.
    private static void requireFit(
            Stage.Training stage, TrainRequest request, Assignment assignment) {
        Target here = new Target.Here(Resources.memory(), false);
        TrainEstimate estimate = TrainEstimate.of(request, here, assignment.cancellation());
        String what = "the stage '" + stage.id() + "'";
        Resources.requireMemory(
                estimate.memory().step(), here.memoryBytes(), what, estimate.proposals());
        Resources.requireDisk(estimate.diskBytes(), assignment.work(), what);
    }

    private static void warnOfRejected(
            String name, Stage.Training stage, Workspace workspace, Assignment assignment) {
        DataReport report = workspace.data().get(name).report();
        if (report.rejected() > 0) {
            Rejection first = report.rejections().getFirst();
            assignment
                    .listener()
                    .on(
                            new Event.Note(
                                    stage.id(),
                                    "%d of %d rows of '%s' cannot be used, first %s: %s (the report"
                                                    .formatted(
                                                            report.rejected(),
                                                            report.rows(),
                                                            name,
                                                            first.origin(),
                                                            first.reason())
                                            + " lists them)",
                                    true));
        }
    }

    /// Keeps the first samples for the report; of text, which is learnt as a whole, there is
    /// nothing to see.
    private static void keepMasks(TrainRequest request, Workspace workspace) {
        if (!(request.objective() instanceof Objective.CausalLm)) {
            SampleMasks.of(
                            LossMask.of(
                                    request.base(),
                                    request.data(),
                                    request.objective(),
                                    request.settings().sequenceLength(),
                                    SHOWN))
                    .write(workspace.directory(), request.stage());
        }
    }

    /// What the training module is asked to do.
    static TrainRequest request(
            Stage.Training stage, Workspace workspace, Parents parents, Path result, Path work) {
        Lesson lesson = stage.lesson();
        Seed seed = new Seed(lesson.seed()).of(stage.id());
        DataSet data = workspace.data().mixed(lesson.data(), seed);
        Optional<DataSet> evaluation = lesson.evaluation().map(workspace.data()::get);
        return new TrainRequest(
                stage.id(),
                parents.base(),
                result,
                work.resolve("training"),
                objective(lesson.objective(), parents),
                lesson.tuning(),
                lesson.settings(),
                data,
                evaluation,
                seed);
    }

    private static Objective objective(Objective objective, Parents parents) {
        return objective instanceof Objective.Distillation distillation
                ? parents.teacher().map(distillation::with).orElse(distillation)
                : objective;
    }

    private static Map<String, Double> metrics(TrainResult result) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("steps", (double) result.steps());
        metrics.put("tokens", (double) result.tokens());
        metrics.put("final_loss", result.finalLoss());
        metrics.put("returns", (double) result.returns());
        metrics.putAll(result.evaluation());
        metrics.put("trainable_parameters", (double) result.trainableParameters());
        DataSummary data = result.data();
        metrics.put("samples", (double) data.samples());
        metrics.put("rows", (double) data.rows());
        metrics.put("positions", (double) data.positions());
        metrics.put("trained_tokens", (double) data.trainedTokens());
        metrics.put("truncated", (double) data.truncated());
        metrics.put("dropped", (double) data.droppedTotal());
        ChainSummary chains = data.chains();
        if (chains.any()) {
            metrics.put("chains", (double) chains.chains());
            metrics.put("augmented_texts", (double) chains.texts());
            metrics.put("pairs", (double) chains.pairs());
            metrics.put("pairs_left_out", (double) chains.pairsLeftOut());
        }
        metrics.put("training_seconds", result.seconds());
        metrics.put("tokens_per_second", result.tokens() / Math.max(1e-9, result.seconds()));
        metrics.put("peak_memory_bytes", (double) result.peakMemoryBytes());
        return metrics;
    }

    private static Map<String, Object> lasting(TrainResult result) {
        Map<String, Object> lasting = new LinkedHashMap<>();
        lasting.put("steps", result.steps());
        lasting.put("tokens", result.tokens());
        lasting.put("trainable_parameters", result.trainableParameters());
        lasting.put("final_loss", result.finalLoss());
        lasting.put("loss_digest", result.lossDigest());
        lasting.putAll(result.evaluation());
        return lasting;
    }

    /// The rows of each data set; the samples cut or dropped on the way are listed with the first.
    private static List<DataUse> uses(
            Stage.Training stage, Workspace workspace, TrainResult result) {
        List<DataUse> uses = new ArrayList<>();
        for (String name : stage.data()) {
            DataUse use = workspace.data().use(name);
            if (uses.isEmpty()) {
                List<String> issues = new ArrayList<>(use.issues());
                result.data().issues().stream()
                        .limit(LISTED)
                        .forEach(issue -> issues.add(issue.origin() + ": " + issue.reason()));
                use =
                        new DataUse(
                                use.name(),
                                use.format(),
                                use.reason(),
                                use.rows(),
                                use.rejected(),
                                issues);
            }
            uses.add(use);
        }
        return uses;
    }

    private static Map<String, Long> dropped(TrainResult result) {
        return new LinkedHashMap<>(result.data().dropped());
    }
}
