package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.Digest;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Task;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.harness.BoardEntry;
import dev.tailor.eval.harness.ChatRenderer;
import dev.tailor.eval.harness.Groups;
import dev.tailor.eval.harness.Harness;
import dev.tailor.eval.harness.HarnessFiles;
import dev.tailor.eval.harness.HarnessResult;
import dev.tailor.eval.harness.HarnessSettings;
import dev.tailor.eval.harness.RequestCache;
import dev.tailor.eval.harness.ShotCurve;
import dev.tailor.eval.harness.TaskConfig;
import dev.tailor.eval.harness.TaskData;
import dev.tailor.eval.harness.TaskLibrary;
import dev.tailor.eval.harness.TaskSelection;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.model.TorchLanguageModel;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The tasks of lm-evaluation-harness among those that `tailor eval` was given.
final class HarnessTasks {
    private final Session session;
    private final HarnessArguments arguments;
    private final TaskLibrary library;
    private final TaskData data;
    private final OptionalInt limit;
    private final OptionalInt maxTokens;
    private final List<TaskSelection> chosen = new ArrayList<>();
    private final Map<String, Map<Integer, List<HarnessResult>>> results = new LinkedHashMap<>();
    private int failures;

    HarnessTasks(
            Session session,
            HarnessArguments arguments,
            Map<String, Path> named,
            @Nullable Integer limit,
            @Nullable Integer maxTokens) {
        this.session = session;
        this.arguments = arguments;
        this.library = TaskLibrary.of(arguments.places().directories());
        this.data = new TaskData(arguments.places().data(named));
        this.limit = limit == null ? OptionalInt.empty() : OptionalInt.of(limit);
        this.maxTokens = maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens);
    }

    /// Takes a word of `--tasks` if it names a task file, a task, a group or a tag.
    boolean take(String word) {
        List<Path> files = TaskLibrary.loraLandFiles(Path.of(word));
        if (!files.isEmpty()) {
            files.forEach(this::takeIfPossible);
            return true;
        }
        if (!TaskLibrary.isFile(word)
                && (!library.has(word) || Files.isRegularFile(Path.of(word)))) {
            return false;
        }
        chosen.add(library.select(word));
        return true;
    }

    /// Takes one of many files; what cannot be read is left out, and told.
    private void takeIfPossible(Path file) {
        try {
            chosen.add(library.select(file.toString()));
        } catch (TailorException e) {
            failures++;
            session.note("left out: " + e.render());
        }
    }

    boolean isEmpty() {
        return chosen.isEmpty();
    }

    /// Tasks that could not be run at all.
    int failures() {
        return failures;
    }

    /// What a model reaches.
    List<TaskResult> evaluate(
            String name, TorchLanguageModel model, LoadedModel loaded, Task.Watch watch) {
        Map<Integer, List<HarnessResult>> own = measured(model, loaded, watch);
        results.put(name, own);
        return board(own);
    }

    /// Results by number of shots; -1 stands for each task's own.
    private Map<Integer, List<HarnessResult>> measured(
            TorchLanguageModel model, LoadedModel loaded, Task.Watch watch) {
        Map<Integer, List<HarnessResult>> measured = new TreeMap<>();
        TaskSelection selection = TaskSelection.of(chosen);
        List<Integer> counts = arguments.shots().isEmpty() ? List.of(-1) : arguments.shots();
        try (RequestCache cache = cache(loaded.source())) {
            Harness harness = new Harness(model, data, settings(loaded), cache, watch);
            TailorException first = null;
            for (TaskConfig task : selection.tasks()) {
                for (int count : counts) {
                    try {
                        HarnessResult result =
                                harness.run(
                                        task,
                                        count < 0 ? OptionalInt.empty() : OptionalInt.of(count));
                        measured.computeIfAbsent(count, k -> new ArrayList<>()).add(result);
                        result.notes().forEach(note -> session.note(task.name() + ": " + note));
                    } catch (TailorException e) {
                        if (e.code().exitCode() != 3) {
                            throw e;
                        }
                        failures++;
                        first = first == null ? e : first;
                        session.note("the task '" + task.name() + "' is left out: " + e.render());
                    }
                }
            }
            if (measured.isEmpty() && first != null) {
                throw first;
            }
        }
        return measured;
    }

    private HarnessSettings settings(LoadedModel loaded) {
        Optional<ChatRenderer> chat =
                arguments.chat()
                        ? Optional.of(
                                new ModelChat(loaded.source().directory(), loaded.tokenizer()))
                        : Optional.empty();
        return new HarnessSettings(
                limit,
                chat,
                arguments.multiTurn(),
                arguments.systemInstruction(),
                arguments.seed(),
                maxTokens,
                arguments.bootstrap(),
                arguments.code());
    }

    private RequestCache cache(ModelSource source) {
        Path file = arguments.cache();
        return file == null ? RequestCache.none() : RequestCache.open(file, fingerprint(source));
    }

    /// Changes when a file of the model does.
    private static String fingerprint(ModelSource source) {
        List<Path> roots = new ArrayList<>(List.of(source.directory()));
        source.adapter().ifPresent(roots::add);
        StringBuilder files = new StringBuilder();
        for (Path root : roots) {
            try (Stream<Path> listing = Files.list(root)) {
                for (Path file : listing.filter(Files::isRegularFile).sorted().toList()) {
                    files.append(file.getFileName()).append('\0');
                    files.append(Files.size(file)).append('\0');
                    files.append(Files.getLastModifiedTime(file).toMillis()).append('\0');
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Digest.ofString(files.toString());
    }

    private static List<TaskResult> board(Map<Integer, List<HarnessResult>> measured) {
        List<TaskResult> entries = new ArrayList<>();
        measured.forEach((count, list) -> {
            for (HarnessResult result : list) {
                String title =
                        measured.size() == 1
                                ? result.task().name()
                                : result.task().name() + "@" + count;
                entries.add(BoardEntry.of(title, result));
            }
        });
        return entries;
    }

    /// Writes results and samples in the reference's shape, and the curves over the shots.
    void write(Path directory) {
        LocalDateTime now = LocalDateTime.now();
        results.forEach((model, measured) -> {
            Path own =
                    results.size() == 1 ? directory : directory.resolve(EvalCommand.folder(model));
            measured.forEach((count, list) -> {
                Path place = measured.size() == 1 ? own : own.resolve("shots-" + count);
                Groups groups = Groups.of(TaskSelection.of(chosen).groups(), list);
                HarnessFiles.write(place, model, list, groups, now);
            });
            if (measured.size() > 1) {
                ShotCurve.of(measured.values()).write(own);
            }
        });
    }

    /// The curves over the shots, for people; empty with one number of shots.
    String curves() {
        StringBuilder curves = new StringBuilder();
        results.forEach((model, measured) -> {
            if (measured.size() > 1) {
                curves.append('\n').append(model).append(", ");
                curves.append(ShotCurve.of(measured.values()).text());
            }
        });
        return curves.toString();
    }
}
