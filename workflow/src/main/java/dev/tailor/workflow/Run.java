package dev.tailor.workflow;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.internal.stages.Assignment;
import dev.tailor.workflow.internal.stages.Ingredients;
import dev.tailor.workflow.internal.stages.Lineage;
import dev.tailor.workflow.internal.stages.Outcome;
import dev.tailor.workflow.internal.stages.Preflight;
import dev.tailor.workflow.internal.stages.Reuse;
import dev.tailor.workflow.internal.stages.StageRunner;
import dev.tailor.workflow.internal.stages.UnfinishedWork;
import dev.tailor.workflow.internal.stages.Workspace;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.report.Report;
import dev.tailor.workflow.store.Attempt;
import dev.tailor.workflow.store.GateResult;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunLock;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.Status;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Runs recipes. A stage whose settings, models, data and files are those of an earlier run in the
/// same directory is not run again; a run that was stopped or killed goes on where it was, and ends
/// with the same bytes as one that was not.
public final class Run {
    private final Recipe recipe;
    private final Workspace workspace;
    private final RunRecorder recorder;
    private final Cancellation cancellation;

    private Run(
            Recipe recipe, Workspace workspace, RunRecorder recorder, Cancellation cancellation) {
        this.recipe = recipe;
        this.workspace = workspace;
        this.recorder = recorder;
        this.cancellation = cancellation;
    }

    /// Runs a recipe in a directory, to its end or to the end of stage `until`.
    ///
    /// @throws TailorException before anything ran: CONFIG_INVALID, FILE_NOT_FOUND, DATA_INVALID at
    ///   the place in the recipe; USAGE when another run works in the directory. Later: GATE_FAILED
    ///   after the report was written, INTERRUPTED when cancelled, and whatever a stage meets
    public static RunRecord of(
            Recipe recipe,
            RunDirectory directory,
            Optional<String> until,
            Event.Listener listener,
            Cancellation cancellation) {
        until.ifPresent(id -> requireStage(recipe, id));
        Preflight.check(Workspace.of(recipe, directory, listener));
        try (RunLock _ = RunLock.take(directory)) {
            AtomicWrite.text(directory.recipe(), recipe.resolvedYaml());
            try (RunRecorder recorder =
                    new RunRecorder(recipe, directory, listener, InstantSource.system())) {
                Workspace workspace = Workspace.of(recipe, directory, recorder);
                return new Run(recipe, workspace, recorder, cancellation).stages(until);
            }
        }
    }

    private static void requireStage(Recipe recipe, String id) {
        if (recipe.stage(id).isEmpty()) {
            throw TailorException.of(ErrorCode.USAGE, "the recipe has no stage '" + id + "'")
                    .remedy(
                            Suggestion.advice(
                                    id, recipe.stages().stream().map(Stage::id).toList()));
        }
    }

    private RunRecord stages(Optional<String> until) {
        try {
            for (Stage stage : recipe.stages()) {
                cancellation.check();
                stage(stage);
                if (until.isPresent() && until.get().equals(stage.id())) {
                    break;
                }
            }
            AtomicWrite.deleteTree(workspace.directory().work());
            RunRecord record = recorder.ended(Status.FINISHED);
            finish();
            return record;
        } catch (RuntimeException | Error e) {
            try {
                recorder.failed(e);
                finish();
            } catch (RuntimeException late) {
                e.addSuppressed(late);
            }
            throw e;
        }
    }

    private void finish() {
        workspace.digests().save();
        Report.write(workspace.directory());
    }

    private void stage(Stage stage) {
        Ingredients ingredients = Ingredients.of(stage, workspace);
        switch (Reuse.of(stage, ingredients, workspace)) {
            case Reuse.Holds(StageState state) -> recorder.finished(state, true);
            case Reuse.Made made -> make(stage, ingredients);
        }
    }

    private void make(Stage stage, Ingredients ingredients) {
        RunDirectory directory = workspace.directory();
        Path work =
                new UnfinishedWork(stage, directory.work().resolve(stage.id())).place(ingredients);
        recorder.started(stage, !Files.exists(work));
        long start = System.nanoTime();
        Assignment assignment = assignment(stage.id(), work);
        new Attempt(ingredients.values()).write(work);
        Outcome outcome = StageRunner.run(stage, workspace, assignment);
        Path result = assignment.result();
        Lineage.write(result, recipe, stage, ingredients, outcome);
        publish(result, directory.stage(stage.id()), work);
        refuse(stage);
        double seconds = (System.nanoTime() - start) / 1e9;
        StageState state =
                new StageState(
                        stage.id(),
                        stage.kind(),
                        ingredients.key(),
                        ingredients.values(),
                        workspace.digests().ofModel(directory.stage(stage.id())),
                        Math.max(seconds, outcome.metrics().getOrDefault("training_seconds", 0.0)),
                        outcome.metrics(),
                        recorder.notes(stage.id()),
                        outcome.data(),
                        outcome.dropped());
        Store.write(directory, state);
        workspace.digests().save();
        AtomicWrite.deleteTree(directory.work().resolve(stage.id()));
        recorder.finished(state, false);
        Report.write(directory);
    }

    private Assignment assignment(String stage, Path work) {
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw AtomicWrite.failure(work, e);
        }
        return new Assignment(
                work,
                work.resolve("result"),
                event -> recorder.on(named(event, stage)),
                cancellation);
    }

    /// Modules that know nothing of stages name their events after themselves.
    private static Event named(Event event, String stage) {
        return switch (event) {
            case Event.StageStarted(String s, String description, long total) ->
                    new Event.StageStarted(stage, description, total);
            case Event.Step(String s, long step, long total, Map<String, Double> metrics) ->
                    new Event.Step(stage, step, total, metrics);
            case Event.Metric(String s, long step, String name, double value) ->
                    new Event.Metric(stage, step, name, value);
            case Event.Answer(String s, long step, String prompt, String text) ->
                    new Event.Answer(stage, step, prompt, text);
            case Event.Note(String s, String message, boolean warning) ->
                    new Event.Note(stage, message, warning);
            case Event.StageFinished(String s, double seconds, boolean reused) ->
                    new Event.StageFinished(stage, seconds, reused);
        };
    }

    /// Moves a finished result to its place. What stood there goes first: its state names another
    /// key, so that a kill in between cannot make it pass for the new one.
    private static void publish(Path result, Path target, Path work) {
        try {
            Files.createDirectories(target.getParent());
            if (Files.exists(target)) {
                Path old = work.resolve("replaced");
                AtomicWrite.deleteTree(old);
                Files.move(target, old);
            }
            Files.move(result, target);
        } catch (IOException e) {
            throw AtomicWrite.failure(target, e);
        }
    }

    /// A gate that did not hold ends the run; it has left its result for the report, and no state,
    /// so that it is looked at again.
    private void refuse(Stage stage) {
        if (stage instanceof Stage.Gate gate) {
            GateResult result =
                    GateResult.read(workspace.directory().stage(stage.id())).orElseThrow();
            if (!result.passed()) {
                recorder.refused(stage);
                throw StageRunner.failure(gate, result);
            }
        }
    }
}
