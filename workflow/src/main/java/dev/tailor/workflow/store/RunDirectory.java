package dev.tailor.workflow.store;

import java.nio.file.Path;

/// The directory of a run and the places in it.
///
/// | place | holds |
/// |---|---|
/// | `recipe.yaml` | the recipe, every default written out |
/// | `run.json` | how far the run is: [RunRecord] |
/// | `events.jsonl` | every metric: [EventLog] |
/// | `samples.jsonl` | what models answered while they were trained: [AnswerLog] |
/// | `tensorboard/` | the same for TensorBoard |
/// | `report.html` | the report |
/// | `stages/ID/` | the result of a stage |
/// | `state/ID.json` | what that result was made from: [StageState] |
/// | `state/ID.masks.json` | the first samples of a training stage: [SampleMasks] |
/// | `work/` | checkpoints and caches of the stage that runs; nothing that is needed afterwards |
public record RunDirectory(Path root) {
    /// Where a run goes when nothing else was said: `runs/NAME` in the current directory.
    public static RunDirectory standard(String name) {
        return new RunDirectory(Path.of("runs", name));
    }

    /// The recipe as it ran.
    public Path recipe() {
        return root.resolve("recipe.yaml");
    }

    /// How far the run is.
    public Path record() {
        return root.resolve("run.json");
    }

    /// Every metric.
    public Path events() {
        return root.resolve("events.jsonl");
    }

    /// What models answered while they were trained.
    public Path samples() {
        return root.resolve("samples.jsonl");
    }

    /// TensorBoard's log directory.
    public Path tensorBoard() {
        return root.resolve("tensorboard");
    }

    /// The report.
    public Path report() {
        return root.resolve("report.html");
    }

    /// The result of a stage.
    public Path stage(String id) {
        return root.resolve("stages").resolve(id);
    }

    /// What a stage's result was made from.
    public Path state(String id) {
        return root.resolve("state").resolve(id + ".json");
    }

    /// The first samples of a training stage.
    public Path masks(String id) {
        return root.resolve("state").resolve(id + ".masks.json");
    }

    /// Where unfinished work lies.
    public Path work() {
        return root.resolve("work");
    }

    /// Digests of files that have not changed since they were taken.
    public Path digests() {
        return root.resolve("state").resolve("digests.json");
    }

    /// Held by the process that runs.
    public Path lock() {
        return root.resolve(".lock");
    }
}
