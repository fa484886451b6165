package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Event;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// `samples.jsonl`: what models answered while they were trained, one line for every prompt and
/// step, `{"time": seconds, "stage", "step", "prompt", "text"}`.
///
/// A run that was killed repeats the steps after its last checkpoint; what the log already holds is
/// not written again.
public final class AnswerLog {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final InstantSource clock;
    private final Set<Asked> written = new HashSet<>();

    /// One line of the log; `time` in seconds since 1970.
    public record Entry(double time, String stage, long step, String prompt, String text) {}

    private record Asked(String stage, long step, String prompt) {}

    private AnswerLog(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /// Opens the log of a run to append to it. A line that a kill cut off is removed.
    public static AnswerLog open(RunDirectory directory, InstantSource clock) {
        AnswerLog log = new AnswerLog(directory.samples(), clock);
        log.rewrite(read(directory));
        return log;
    }

    /// Every line of a run's log; none if there is no log.
    public static List<Entry> read(RunDirectory directory) {
        Path file = directory.samples();
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        try {
            for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n")) {
                entry(line, entries);
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
        return entries;
    }

    /// Only a kill leaves a line that cannot be read: what it would have said comes again.
    private static void entry(String line, List<Entry> entries) {
        try {
            if (!line.isBlank()) {
                entries.add(JSON.readValue(line, Entry.class));
            }
        } catch (JacksonException e) {
            return;
        }
    }

    /// Appends an answer, unless the log holds one to this prompt after this step.
    public void append(Event.Answer answer) {
        if (!written.add(new Asked(answer.stage(), answer.step(), answer.prompt()))) {
            return;
        }
        Entry entry =
                new Entry(
                        clock.millis() / 1000.0,
                        answer.stage(),
                        answer.step(),
                        answer.prompt(),
                        answer.text());
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    JSON.writeValueAsString(entry) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    /// Forgets everything about a stage, which begins anew.
    public void forget(String stage, RunDirectory directory) {
        rewrite(read(directory).stream().filter(entry -> !entry.stage().equals(stage)).toList());
    }

    private void rewrite(List<Entry> entries) {
        written.clear();
        entries.forEach(e -> written.add(new Asked(e.stage(), e.step(), e.prompt())));
        if (Files.exists(file)) {
            StringBuilder text = new StringBuilder();
            entries.forEach(entry -> text.append(JSON.writeValueAsString(entry)).append('\n'));
            AtomicWrite.text(file, text.toString());
        }
    }
}
