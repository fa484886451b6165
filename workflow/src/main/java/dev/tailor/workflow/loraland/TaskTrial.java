package dev.tailor.workflow.loraland;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.Event;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.Task;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.harness.BoardEntry;
import dev.tailor.eval.harness.Harness;
import dev.tailor.eval.harness.HarnessResult;
import dev.tailor.eval.harness.HarnessSettings;
import dev.tailor.eval.harness.RequestCache;
import dev.tailor.eval.harness.TaskConfig;
import dev.tailor.eval.report.GainBoard;
import dev.tailor.workflow.Run;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.model.TorchLanguageModel;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// One task of an experiment: its rows, its adapter, and what base and adapter reach. Whatever is
/// done already, with the same data, base and settings, is not done again.
///
/// | place | holds |
/// |---|---|
/// | `train.jsonl` | what is learnt: prompts with completions |
/// | `recipe.yaml`, `run/` | how the adapter is tuned, and the run |
/// | `adapter/` | the adapter, as PEFT reads it |
/// | `base/`, `tuned/` | what both reach |
/// | `done` | the digest of everything the results were made from |
final class TaskTrial {
    private final TaskConfig task;
    private final Experiment experiment;
    private final Path folder;
    private final Event.Listener listener;
    private final Cancellation cancellation;

    TaskTrial(
            TaskConfig task,
            Experiment experiment,
            Event.Listener listener,
            Cancellation cancellation) {
        this.task = task;
        this.experiment = experiment;
        this.folder = experiment.folder(task.name());
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /// What both models reach, measured now or before.
    GainBoard.Pair run() {
        ExperimentSettings settings = experiment.settings();
        TaskRows rows = TaskRows.of(task, experiment.data(), settings, folder);
        rows.notes().forEach(note -> note(note, true));
        AtomicWrite.text(folder.resolve("train.jsonl"), rows.lessonLines());
        AtomicWrite.text(folder.resolve("recipe.yaml"), recipe());
        String key = key(rows);
        if (!isDone(key)) {
            measureBase(rows, key);
            if (!isMeasured("tuned", key)) {
                tune();
                measureTuned(rows, key);
            }
            keepAdapter();
            AtomicWrite.text(folder.resolve("done"), key);
            if (!settings.keepModels()) {
                AtomicWrite.deleteTree(tuned());
            }
        } else {
            note("done before, with the same data, base and settings", false);
        }
        return new GainBoard.Pair(read("base"), read("tuned"));
    }

    private void note(String text, boolean warning) {
        listener.on(new Event.Note(task.name(), text, warning));
    }

    private String recipe() {
        return "# Written by tailor loraland.\ntailor: 1\nname: "
                + stage()
                + "\nseed: "
                + experiment.settings().seed()
                + "\nbase: "
                + quoted(experiment.base().directory().toAbsolutePath().normalize())
                + "\ndata:\n  train: {path: train.jsonl, format: prompt-completion}\nstages:\n"
                + experiment.settings().stage(stage());
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// The task's name as stages may be called.
    private String stage() {
        String name = task.name().replaceAll("[^A-Za-z0-9._-]", "-");
        return name.equals("base") || !name.matches("[A-Za-z0-9].*") ? "task-" + name : name;
    }

    private String key(TaskRows rows) {
        ExperimentSettings settings = experiment.settings();
        return Digest.ofString(
                String.join(
                        "\n",
                        experiment.settings().stage(stage()),
                        String.valueOf(settings.seed()),
                        settings.shots().toString(),
                        settings.limit().toString(),
                        task.resolved().toString(),
                        experiment.baseDigest(),
                        Digest.ofFile(folder.resolve("train.jsonl")),
                        Digest.ofTree(rows.evaluated())));
    }

    private boolean isDone(String key) {
        return key.equals(text(folder.resolve("done")));
    }

    private boolean isMeasured(String which, String key) {
        return key.equals(text(mark(which)));
    }

    private Path mark(String which) {
        return folder.resolve(which).resolve("key");
    }

    private static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private ModelResult read(String which) {
        return ResultStore.read(folder.resolve(which));
    }

    /// Tunes the adapter, as far as an earlier attempt has not.
    private void tune() {
        Recipe recipe = Recipe.read(folder.resolve("recipe.yaml"));
        Run.of(recipe, directory(), Optional.empty(), listener, cancellation);
    }

    private RunDirectory directory() {
        return new RunDirectory(folder.resolve("run"));
    }

    private Path tuned() {
        return directory().stage(stage());
    }

    private void measureBase(TaskRows rows, String key) {
        measure(experiment.base(), experiment.baseName(), "base", rows, key);
    }

    private void measureTuned(TaskRows rows, String key) {
        ModelSource adapted = experiment.base().withAdapter(tuned().resolve("adapter"));
        measure(adapted, experiment.tunedName(), "tuned", rows, key);
    }

    /// Measures a model; replies that an earlier attempt was given are not asked for again.
    private void measure(ModelSource source, String name, String which, TaskRows rows, String key) {
        if (isMeasured(which, key)) {
            return;
        }
        cancellation.check();
        Path replies = folder.resolve(which + "-replies.jsonl");
        Task.Watch watch = new Task.Watch(task.name() + " " + which, listener, cancellation);
        List<Integer> shots = which.equals("base") ? experiment.settings().shots() : List.of(0);
        List<TaskResult> results = new ArrayList<>();
        LoadedModel loaded = LoadedModel.load(source, Optional.empty());
        try (TorchLanguageModel model = new TorchLanguageModel(name, loaded, cancellation);
                RequestCache cache = RequestCache.open(replies, key)) {
            Harness harness = new Harness(model, rows.data(), harness(), cache, watch);
            for (int count : shots) {
                HarnessResult result = harness.run(task, OptionalInt.of(count));
                result.notes().forEach(note -> note(which + ": " + note, false));
                String title = shots.size() == 1 ? task.name() : task.name() + "@" + count;
                results.add(BoardEntry.of(title, result));
            }
        }
        ResultStore.write(folder.resolve(which), new ModelResult(name, results));
        AtomicWrite.text(mark(which), key);
        AtomicWrite.deleteTree(replies);
    }

    private HarnessSettings harness() {
        HarnessSettings standard = HarnessSettings.standard();
        OptionalInt limit = experiment.settings().limit();
        return limit.isPresent() ? standard.withLimit(limit.getAsInt()) : standard;
    }

    /// Copies the adapter out of the run; the fused models of tens of tasks would fill a disk.
    private void keepAdapter() {
        Path kept = folder.resolve("adapter");
        AtomicWrite.deleteTree(kept);
        copy(tuned().resolve("adapter"), kept);
    }

    private static void copy(Path from, Path to) {
        AtomicWrite.directory(
                to,
                target -> {
                    try (Stream<Path> files = Files.list(from)) {
                        for (Path file : (Iterable<Path>) files::iterator) {
                            Files.copy(file, target.resolve(String.valueOf(file.getFileName())));
                        }
                    }
                });
    }
}
