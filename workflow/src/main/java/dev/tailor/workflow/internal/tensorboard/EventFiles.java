package dev.tailor.workflow.internal.tensorboard;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// One event file for each stage, each in a folder of its own: TensorBoard shows them as runs.
public final class EventFiles implements AutoCloseable {
    private final Path root;
    private final Map<String, EventFile> files = new LinkedHashMap<>();

    /// Files below `root`.
    public EventFiles(Path root) {
        this.root = root;
    }

    /// Appends one scalar to a stage's file; `wallTime` in seconds since 1970.
    public void scalar(String stage, String name, long step, double value, double wallTime) {
        files.computeIfAbsent(stage, id -> create(id, wallTime))
                .scalar(name, step, value, wallTime);
    }

    private EventFile create(String stage, double wallTime) {
        return EventFile.create(
                root.resolve(stage).resolve("events.out.tfevents.0.tailor"), wallTime);
    }

    @Override
    public void close() {
        files.values().forEach(EventFile::close);
        files.clear();
    }
}
