package dev.tailor.eval.harness;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs programs that a model wrote, because the user said so and with the command the user named,
/// which is as safe as that command. A program comes on standard input; it runs in an empty folder
/// without the user's environment, and ends when its time is over.
///
/// @param command the words of the command
/// @param limit how long a program may take
public record CodeRunner(List<String> command, Duration limit) {
    /// Whether the program ends by itself, in time and with exit code 0.
    ///
    /// @throws TailorException `USAGE` if the command cannot be started; `INTERRUPTED`
    public boolean passes(String program) {
        try {
            Path folder = Files.createTempDirectory("tailor-code");
            try {
                return run(program, folder);
            } finally {
                AtomicWrite.deleteTree(folder);
            }
        } catch (IOException e) {
            throw TailorException.of(
                            ErrorCode.USAGE, "the command that runs code cannot be started")
                    .at(String.join(" ", command))
                    .causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TailorException.of(ErrorCode.INTERRUPTED, "stopped while code ran").causedBy(e);
        }
    }

    private boolean run(String program, Path folder) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("program"), program, StandardCharsets.UTF_8);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectInput(source.toFile())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        Process process = builder.start();
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                    && process.exitValue() == 0;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
