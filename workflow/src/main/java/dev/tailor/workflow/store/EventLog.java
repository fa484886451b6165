package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.workflow.internal.tensorboard.EventFiles;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `events.jsonl`, and the same for TensorBoard: one line for every metric of every step, `{"time":
/// seconds, "stage", "step", "name", "value"}`.
///
/// A run that was killed repeats the steps after its last checkpoint. They come out the same, so
/// what the log already holds is not written again.
public final class EventLog implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RunDirectory directory;
    private final InstantSource clock;
    private final Map<Series, Long> lastSteps = new HashMap<>();
    private FileChannel channel;
    private EventFiles tensorBoard;

    /// One line of the log; `time` in seconds since 1970.
    public record Entry(double time, String stage, long step, String name, double value) {}

    private record Series(String stage, String name) {}

    private EventLog(
            RunDirectory directory,
            InstantSource clock,
            FileChannel channel,
            EventFiles tensorBoard) {
        this.directory = directory;
        this.clock = clock;
        this.channel = channel;
        this.tensorBoard = tensorBoard;
    }

    /// Opens the log of a run to append to it. A line that a kill cut off is removed, and the
    /// TensorBoard files are written anew from the log.
    public static EventLog open(RunDirectory directory, InstantSource clock) {
        List<Entry> entries = read(directory);
        return new EventLog(
                        directory, clock, reopen(directory, entries), rebuild(directory, entries))
                .remember(entries);
    }

    /// Every line of a run's log; none if there is no log.
    public static List<Entry> read(RunDirectory directory) {
        Path file = directory.events();
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

    /// Appends one metric, unless the log has that step already. Numbers that are not finite are
    /// written as text, which JSON has no number for.
    public void append(String stage, long step, String name, double value) {
        Series series = new Series(stage, name);
        if (step <= lastSteps.getOrDefault(series, -1L)) {
            return;
        }
        lastSteps.put(series, step);
        double time = clock.millis() / 1000.0;
        write(channel, line(new Entry(time, stage, step, name, value)));
        tensorBoard.scalar(stage, name, step, value, time);
    }

    /// Forgets everything about a stage, which begins anew.
    public void forget(String stage) {
        if (lastSteps.keySet().stream().noneMatch(series -> series.stage().equals(stage))) {
            return;
        }
        List<Entry> kept =
                read(directory).stream().filter(entry -> !entry.stage().equals(stage)).toList();
        close();
        channel = reopen(directory, kept);
        tensorBoard = rebuild(directory, kept);
        lastSteps.clear();
        remember(kept);
    }

    @Override
    public void close() {
        tensorBoard.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw AtomicWrite.failure(directory.events(), e);
        }
    }

    private EventLog remember(List<Entry> entries) {
        for (Entry entry : entries) {
            lastSteps.merge(new Series(entry.stage(), entry.name()), entry.step(), Math::max);
        }
        return this;
    }

    private static FileChannel reopen(RunDirectory directory, List<Entry> entries) {
        Path file = directory.events();
        StringBuilder text = new StringBuilder();
        entries.forEach(entry -> text.append(line(entry)));
        try {
            Files.createDirectories(directory.root());
            if (!Files.exists(file) || !Files.readString(file).contentEquals(text)) {
                AtomicWrite.text(file, text.toString());
            }
            return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private static EventFiles rebuild(RunDirectory directory, List<Entry> entries) {
        AtomicWrite.deleteTree(directory.tensorBoard());
        EventFiles files = new EventFiles(directory.tensorBoard());
        for (Entry entry : entries) {
            files.scalar(entry.stage(), entry.name(), entry.step(), entry.value(), entry.time());
        }
        return files;
    }

    private static void write(FileChannel channel, String line) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(Path.of("events.jsonl"), e);
        }
    }

    private static String line(Entry entry) {
        ObjectNode node = JSON.createObjectNode();
        // Milliseconds, and never in the notation with an exponent.
        node.put("time", BigDecimal.valueOf(Math.round(entry.time() * 1000), 3));
        node.put("stage", entry.stage());
        node.put("step", entry.step());
        node.put("name", entry.name());
        if (Double.isFinite(entry.value())) {
            node.put("value", entry.value());
        } else {
            node.put("value", String.valueOf(entry.value()));
        }
        return node + "\n";
    }

    private static void entry(String line, List<Entry> entries) {
        try {
            JsonNode node = JSON.readTree(line);
            JsonNode value = node.path("value");
            if (node.isObject() && node.has("name")) {
                entries.add(
                        new Entry(
                                node.path("time").asDouble(),
                                node.path("stage").asString(),
                                node.path("step").asLong(),
                                node.path("name").asString(),
                                value.isString()
                                        ? Double.parseDouble(value.asString())
                                        : value.asDouble()));
            }
        } catch (JacksonException | NumberFormatException e) {
            // Only a kill leaves such a line: what it would have said comes again.
            return;
        }
    }
}
