package dev.tailor.workflow;

import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.internal.stages.Ingredients;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.AnswerLog;
import dev.tailor.workflow.store.EventLog;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.Store;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Writes down what happens: metrics into the event log, the state of the run into `run.json`; and
/// passes every event on.
final class RunRecorder implements Event.Listener, AutoCloseable {
    private final RunDirectory directory;
    private final EventLog log;
    private final AnswerLog answers;
    private final Event.Listener listener;
    private final Map<String, StageRecord> stages = new LinkedHashMap<>();
    private final Set<String> trained = new HashSet<>();
    private final Map<String, List<String>> notes = new LinkedHashMap<>();
    private final InstantSource clock;
    private RunRecord record;

    RunRecorder(
            Recipe recipe, RunDirectory directory, Event.Listener listener, InstantSource clock) {
        this.directory = directory;
        this.listener = listener;
        this.clock = clock;
        this.log = EventLog.open(directory, clock);
        this.answers = AnswerLog.open(directory, clock);
        for (Stage stage : recipe.stages()) {
            stages.put(stage.id(), waiting(stage));
            if (stage instanceof Stage.Training) {
                trained.add(stage.id());
            }
        }
        record =
                new RunRecord(
                        recipe.name(),
                        recipe.file().toString(),
                        Ingredients.VERSION,
                        Status.RUNNING,
                        now(),
                        "",
                        0,
                        machine(),
                        List.copyOf(stages.values()),
                        Optional.empty());
        save(Status.RUNNING, "", Optional.empty());
    }

    private static StageRecord waiting(Stage stage) {
        return new StageRecord(
                stage.id(),
                stage.kind(),
                stage.makesModel(),
                stage.models().stream().map(ModelReference::text).toList(),
                Status.WAITING,
                0,
                Map.of(),
                List.of());
    }

    @Override
    public void on(Event event) {
        switch (event) {
            case Event.Step step -> {
                // Steps of other stages count batches or tensors, which is progress and no figure.
                if (trained.contains(step.stage())) {
                    step.metrics()
                            .forEach((name, value) ->
                                    log.append(step.stage(), step.step(), name, value));
                }
            }
            case Event.Metric metric ->
                    log.append(metric.stage(), metric.step(), metric.name(), metric.value());
            case Event.Answer answer -> answers.append(answer);
            case Event.Note note ->
                    notes.computeIfAbsent(note.stage(), stage -> new ArrayList<>())
                            .add(note.message());
            case Event.StageStarted started -> {}
            case Event.StageFinished finished -> {}
        }
        listener.on(event);
    }

    /// What the user was told during a stage.
    List<String> notes(String stage) {
        return List.copyOf(notes.getOrDefault(stage, List.of()));
    }

    /// A stage begins; with `anew`, what an earlier attempt logged does not count any more.
    void started(Stage stage, boolean anew) {
        if (anew) {
            log.forget(stage.id());
            answers.forget(stage.id(), directory);
        }
        update(stage.id(), Status.RUNNING, 0, Map.of(), List.of());
        save(Status.RUNNING, "", Optional.empty());
        on(new Event.StageStarted(stage.id(), Descriptions.of(stage), 0));
    }

    /// A stage is done, now or in an earlier run.
    void finished(StageState state, boolean reused) {
        if (!trained.contains(state.id())) {
            state.metrics().forEach((name, value) -> log.append(state.id(), 0, name, value));
        }
        update(
                state.id(),
                reused ? Status.REUSED : Status.FINISHED,
                state.seconds(),
                state.metrics(),
                state.notes());
        save(Status.RUNNING, "", Optional.empty());
        on(new Event.StageFinished(state.id(), state.seconds(), reused));
    }

    /// A gate did not hold.
    void refused(Stage stage) {
        update(stage.id(), Status.REFUSED, 0, Map.of(), notes(stage.id()));
        save(Status.RUNNING, "", Optional.empty());
    }

    /// The run is over.
    RunRecord ended(Status status) {
        save(status, now(), Optional.empty());
        return record;
    }

    /// The run ends early.
    void failed(Throwable failure) {
        Status status =
                failure instanceof TailorException e
                        ? switch (e.code()) {
                            case INTERRUPTED -> Status.STOPPED;
                            case GATE_FAILED -> Status.REFUSED;
                            default -> Status.FAILED;
                        }
                        : Status.FAILED;
        stages.replaceAll((id, stage) ->
                stage.status() == Status.RUNNING
                        ? new StageRecord(
                                id,
                                stage.kind(),
                                stage.makesModel(),
                                stage.from(),
                                status,
                                stage.seconds(),
                                stage.metrics(),
                                notes(id))
                        : stage);
        save(status, now(), Optional.of(failure(failure)));
    }

    private static RunRecord.Failure failure(Throwable failure) {
        return failure instanceof TailorException e
                ? new RunRecord.Failure(
                        e.code().name(),
                        e.getMessage(),
                        e.where().orElse(""),
                        e.remedy().orElse(""))
                : new RunRecord.Failure("INTERNAL", String.valueOf(failure), "", "");
    }

    private void update(
            String id,
            Status status,
            double seconds,
            Map<String, Double> metrics,
            List<String> stageNotes) {
        stages.computeIfPresent(
                id,
                (name, stage) ->
                        new StageRecord(
                                name,
                                stage.kind(),
                                stage.makesModel(),
                                stage.from(),
                                status,
                                seconds,
                                metrics,
                                stageNotes));
    }

    private void save(Status status, String ended, Optional<RunRecord.Failure> failure) {
        record =
                new RunRecord(
                        record.name(),
                        record.recipe(),
                        record.version(),
                        status,
                        record.started(),
                        ended,
                        stages.values().stream().mapToDouble(StageRecord::seconds).sum(),
                        record.machine(),
                        List.copyOf(stages.values()),
                        failure);
        Store.write(directory, record);
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        machine.put("java", Runtime.version().toString());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return machine;
    }

    @Override
    public void close() {
        log.close();
    }
}
