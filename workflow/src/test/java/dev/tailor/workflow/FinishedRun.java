package dev.tailor.workflow;

import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A run of the tiny project that nobody interrupted, made once for all tests.
record FinishedRun(TinyProject project, RunDirectory directory, RunRecord record) {
    /// The run.
    static FinishedRun get() {
        return Holder.RUN;
    }

    private static final class Holder {
        private static final FinishedRun RUN = make();

        private static FinishedRun make() {
            try {
                Path root = Files.createTempDirectory("tailor-tiny");
                Runtime.getRuntime()
                        .addShutdownHook(
                                new Thread(() -> dev.tailor.core.AtomicWrite.deleteTree(root)));
                TinyProject project = new TinyProject(root.resolve("project"));
                RunDirectory directory = new RunDirectory(root.resolve("whole"));
                return new FinishedRun(project, directory, project.run(directory));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A copy to do something with.
    RunDirectory copyTo(Path copy) throws IOException {
        try (var files = Files.walk(directory.root())) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(directory.root().relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return new RunDirectory(copy);
    }
}
