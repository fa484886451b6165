package dev.tailor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The command as a process of its own: exit codes and signals.
class MainProcessTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir Path directory;

    @Test
    void main_wrongUsage_exitsWith2() throws Exception {
        Process process = start("no-such-command");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
    }

    @Test
    void main_launcherOptions_giveTheVectorApiWithoutAWarning() throws Exception {
        Process process = start("doctor");
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(err).isEmpty();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(out).containsPattern("ok +vectors");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void interrupt_duringWork_stopsAtASafePointWith130() throws Exception {
        assumeThat(ignoresInterrupts())
                .as("a shell's background job hands down that interrupts are ignored")
                .isFalse();
        Process process = startLongWork();
        signal(process, "INT");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("stopping at the next safe point")
                .contains("stopped on request")
                .doesNotContain("SIGSEGV");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void terminate_duringWork_waitsForASafePoint() throws Exception {
        Process process = startLongWork();
        signal(process, "TERM");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .doesNotContain("SIGSEGV");
    }

    /// Perplexity of a text that takes minutes; answers once the work has begun.
    private Process startLongWork() throws IOException {
        Path text = directory.resolve("long.txt");
        Files.writeString(text, "All work and no play makes Jack a dull boy.\n".repeat(200_000));
        Process process =
                start("eval", Invocation.model().toString(), "--tasks", "perplexity:" + text);
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        assertThat(err.readLine()).contains("perplexity:long");
        return process;
    }

    /// Whether this process, and so every process it starts, was started to ignore Ctrl-C.
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        long interrupt = 1L << 1;
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & interrupt) != 0);
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    }

    /// With the launcher's options.
    private static Process start(String... args) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                                "-Dorg.bytedeco.javacpp.maxBytes=0",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.tailor.cli.Main"));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).start();
    }
}
