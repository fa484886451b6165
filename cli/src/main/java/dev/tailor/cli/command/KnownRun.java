package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.Store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A run on the disk.
record KnownRun(RunDirectory directory, RunRecord record) {
    private static final Path RUNS = Path.of("runs");

    /// The runs in a directory, the one that began last first.
    static List<KnownRun> in(Path directory) {
        List<KnownRun> runs = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> children = Files.list(directory)) {
                for (Path child : children.sorted().toList()) {
                    RunDirectory run = new RunDirectory(child);
                    Store.run(run).ifPresent(record -> runs.add(new KnownRun(run, record)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        runs.sort(Comparator.comparing((KnownRun run) -> run.record().started()).reversed());
        return runs;
    }

    /// A run by its directory or its name.
    static KnownRun named(String name) {
        for (Path place : List.of(Path.of(name), RUNS.resolve(name))) {
            RunDirectory directory = new RunDirectory(place);
            if (Files.exists(directory.record())) {
                return new KnownRun(directory, Store.run(directory).orElseThrow());
            }
        }
        List<String> known =
                in(RUNS).stream()
                        .map(run -> String.valueOf(run.directory().root().getFileName()))
                        .toList();
        throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no run '" + name + "'")
                .remedy(
                        known.isEmpty()
                                ? "there are no runs below ./runs; name a run's directory"
                                : Suggestion.advice(name, known));
    }
}
