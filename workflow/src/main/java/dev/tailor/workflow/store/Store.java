package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Reads and writes the JSON files of a run directory, each in one step.
public final class Store {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private Store() {}

    /// The record of a run, if there is a run.
    public static Optional<RunRecord> run(RunDirectory directory) {
        return read(directory.record(), RunRecord.class);
    }

    /// Writes the record of a run.
    public static void write(RunDirectory directory, RunRecord record) {
        AtomicWrite.text(directory.record(), json(record));
    }

    /// The state of a finished stage, if it is finished.
    public static Optional<StageState> stage(RunDirectory directory, String id) {
        return read(directory.state(id), StageState.class);
    }

    /// Writes the state of a finished stage.
    public static void write(RunDirectory directory, StageState state) {
        AtomicWrite.text(directory.state(state.id()), json(state));
    }

    /// A value as indented JSON with a line break at its end.
    public static String json(Object value) {
        return JSON.writeValueAsString(value) + "\n";
    }

    /// Reads a JSON file as a record; empty if it is not there.
    static <T> Optional<T> read(Path file, Class<T> type) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), type));
        } catch (IOException | JacksonException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "cannot read: " + e.getMessage())
                    .at(file)
                    .remedy("remove the file; what it recorded is done again")
                    .causedBy(e);
        }
    }
}
