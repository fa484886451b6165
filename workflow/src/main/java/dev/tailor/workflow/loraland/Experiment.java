package dev.tailor.workflow.loraland;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.eval.harness.TaskConfig;
import dev.tailor.eval.harness.TaskData;
import dev.tailor.eval.report.GainBoard;
import dev.tailor.eval.report.GainBoardFormat;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.store.Digests;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunLock;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// LoRA Land's experiment (arXiv 2405.00732): for each task tune an adapter with fixed settings,
/// measure base and adapter, and build the board. A task that fails is recorded and the rest goes
/// on; a run that was stopped or killed goes on where it was.
///
/// @param base the model that every adapter is tuned on
/// @param baseDigest the digest of its files
/// @param tasks the tasks in the order they are done
/// @param data where their rows lie
/// @param directory where everything goes
public record Experiment(
        ModelSource base,
        String baseDigest,
        List<TaskConfig> tasks,
        TaskData data,
        ExperimentSettings settings,
        Path directory) {
    /// What follows a base's name in that of its adapters.
    public static final String TUNED = " tuned";

    /// What became of an experiment.
    ///
    /// @param board what was reached; empty if every task failed
    /// @param failures why tasks failed, by their names
    public record Outcome(Optional<GainBoard> board, Map<String, TailorException> failures) {}

    /// An experiment in a directory.
    public static Experiment of(
            ModelSource base,
            List<TaskConfig> tasks,
            TaskData data,
            ExperimentSettings settings,
            Path directory) {
        if (base.adapter().isPresent()) {
            throw TailorException.of(
                            ErrorCode.USAGE, "adapters are tuned on a model, not on an adapter")
                    .at(base.text())
                    .remedy("merge it first: tailor adapter merge");
        }
        Digests digests = new Digests(new RunDirectory(directory));
        String digest = digests.ofModel(base.directory());
        digests.save();
        return new Experiment(base, digest, List.copyOf(tasks), data, settings, directory);
    }

    /// Does what is missing.
    ///
    /// @param baseline a model that is known by its figures, to hold the board against
    /// @throws TailorException `INTERRUPTED` when cancelled; `USAGE` when another run works in the
    ///   directory
    public Outcome run(
            Optional<GainBoard.Baseline> baseline,
            Event.Listener listener,
            Cancellation cancellation) {
        try (RunLock _ = RunLock.take(new RunDirectory(directory))) {
            List<GainBoard.Pair> pairs = new ArrayList<>();
            Map<String, TailorException> failures = new LinkedHashMap<>();
            Optional<GainBoard> board = Optional.empty();
            for (int i = 0; i < tasks.size(); i++) {
                TaskConfig task = tasks.get(i);
                listener.on(
                        new Event.Note(
                                task.name(),
                                "task %d of %d".formatted(i + 1, tasks.size()),
                                false));
                try {
                    pairs.add(new TaskTrial(task, this, listener, cancellation).run());
                    board = Optional.of(board(pairs, baseline));
                    GainBoardFormat.write(directory, title(), board.get());
                } catch (TailorException e) {
                    if (e.code() == ErrorCode.INTERRUPTED) {
                        throw e;
                    }
                    failures.put(task.name(), e);
                    listener.on(new Event.Note(task.name(), "failed: " + e.render(), true));
                }
                record(pairs, failures);
            }
            return new Outcome(board, failures);
        }
    }

    Path folder(String task) {
        return directory.resolve("tasks").resolve(task.replaceAll("[^A-Za-z0-9._-]", "-"));
    }

    /// What boards call the base: its directory's name.
    String baseName() {
        Path name = base.directory().toAbsolutePath().normalize().getFileName();
        return base.text().startsWith("hf:") || name == null ? base.text() : name.toString();
    }

    String tunedName() {
        return baseName() + TUNED;
    }

    private String title() {
        return "Adapters on " + baseName();
    }

    /// One pair with all tasks.
    private GainBoard board(List<GainBoard.Pair> pairs, Optional<GainBoard.Baseline> baseline) {
        Map<String, String> categories = new LinkedHashMap<>();
        tasks.forEach(task ->
                task.category().ifPresent(category -> categories.put(task.name(), category)));
        return GainBoard.of(List.of(GainBoard.Pair.joined(pairs)), baseline, categories);
    }

    /// Writes `loraland.json`: which task is done, which has failed and why.
    private void record(List<GainBoard.Pair> pairs, Map<String, TailorException> failures) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        root.put("base", baseName()).put("tuned", tunedName());
        ArrayNode list = root.putArray("tasks");
        List<String> done = new ArrayList<>();
        pairs.forEach(pair -> done.add(pair.tuned().tasks().getFirst().task()));
        for (TaskConfig task : tasks) {
            TailorException failure = failures.get(task.name());
            boolean isDone = done.contains(task.name());
            ObjectNode node =
                    list.addObject()
                            .put("task", task.name())
                            .put("category", task.category().orElse(GainBoard.OTHER))
                            .put("state", isDone ? "done" : failure == null ? "open" : "failed");
            if (failure != null) {
                node.put("failure", failure.render());
            }
        }
        AtomicWrite.text(
                directory.resolve("loraland.json"),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(root)
                        + "\n");
    }
}
