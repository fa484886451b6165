package dev.tailor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tailor.core.Digest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
    @EnabledOnOs(OS.LINUX)
    void standardOutput_full_isAnErrorAndNotSilence() throws Exception {
        Process process = builder("schema").redirectOutput(Path.of("/dev/full").toFile()).start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(5);
        assertThat(err).contains("standard output: no space left");
    }

    /// On a file system of its own that is too small, then made larger.
    @Test
    @EnabledOnOs(OS.LINUX)
    void fullDisk_runStopsWith5_andGoesOnWhenThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeThat(canMount(disk)).as("a file system of one's own can be mounted").isTrue();
        Path recipe = tinyRecipe();
        String run = quoted(command("run", recipe.toString(), "--out", disk + "/run", "--quiet"));
        String script =
                "mount -t tmpfs -o size=1500k none %1$s; %2$s; echo first $?; ".formatted(disk, run)
                        + "mount -o remount,size=64m %1$s; %2$s; echo second $?; cp -r %1$s/run %3$s"
                                .formatted(disk, run, directory.resolve("kept"));

        String seen = output(new ProcessBuilder("unshare", "-Urm", "sh", "-c", script));
        Path whole = directory.resolve("run");
        assertThat(Invocation.of("run", recipe, "--out", whole).exitCode()).isZero();

        assertThat(seen).contains("no space left while writing", "first 5", "second 0");
        for (String stage : List.of("clerk", "merged", "gguf")) {
            assertThat(Digest.ofTree(directory.resolve("kept/stages").resolve(stage)))
                    .isEqualTo(Digest.ofTree(whole.resolve("stages").resolve(stage)));
        }
        assertThat(directory.resolve("kept/work")).doesNotExist();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void fullDisk_ofEvaluationResults_exitsWith5() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeThat(canMount(disk)).as("a file system of one's own can be mounted").isTrue();
        tinyRecipe();
        String eval =
                quoted(
                        command(
                                "eval",
                                Invocation.model().toString(),
                                "--tasks",
                                directory.resolve("qa.jsonl").toString(),
                                "--max-tokens",
                                "2",
                                "--out",
                                disk + "/results"));
        String script =
                "mount -t tmpfs -o size=4k none %s; %s; echo ended $?".formatted(disk, eval);

        String seen = output(new ProcessBuilder("unshare", "-Urm", "sh", "-c", script));

        assertThat(seen)
                .contains("no space left while writing", disk + "/results", "ended 5")
                .doesNotContain("Exception");
    }

    private Path tinyRecipe() throws IOException {
        Files.writeString(
                directory.resolve("qa.jsonl"),
                "{\"question\": \"One plus one?\", \"answer\": \"Two.\"}\n".repeat(4));
        return Files.writeString(
                directory.resolve("recipe.yaml"),
                """
                tailor: 1
                name: tiny
                base: %s
                data:
                  questions: {path: qa.jsonl, kind: chat}
                stages:
                  - sft: {id: clerk, from: base, data: questions, tune: {lora: {rank: 2}}, sequence-length: 64, batch-size: 2, max-steps: 2, checkpoint-every: 1}
                  - merge: {id: merged, method: linear, models: [{model: base, parameters: {weight: 0.5}}, {model: clerk, parameters: {weight: 0.5}}]}
                  - export: {id: gguf, from: merged, gguf: f32}
                """
                        .formatted(Invocation.model()));
    }

    private static boolean canMount(Path place) throws Exception {
        return new ProcessBuilder(
                                "unshare", "-Urm", "mount", "-t", "tmpfs", "none", place.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static String output(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return seen;
    }

    private static String quoted(List<String> command) {
        return "'" + String.join("' '", command) + "'";
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

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void terminate_aServer_endsWhenWhatWasAskedIsAnswered() throws Exception {
        Process process =
                start("serve", Invocation.model().toString(), "--port", "0", "--json", "--quiet");
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        String url = JsonMapper.shared().readTree(line).path("url").stringValue();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + "/v1/completions"))
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"prompt\": [5], \"n\": 8, \"max_tokens\": 200,"
                                                + " \"stream\": true}"))
                        .build();
        HttpResponse<Stream<String>> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
        Iterator<String> events = answer.body().iterator();
        assertThat(events.next()).startsWith("data: ");

        signal(process, "TERM");
        String last = "";
        while (events.hasNext()) {
            String event = events.next();
            last = event.isEmpty() ? last : event;
        }
        assertThat(last).isEqualTo("data: [DONE]");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
    }

    /// Perplexity of a text that takes minutes; answers once the work has begun.
    private Process startLongWork() throws IOException {
        Path text = directory.resolve("long.txt");
        Files.writeString(text, "All work and no play makes Jack a dull boy.\n".repeat(40_000));
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

    private static Process start(String... args) throws IOException {
        return builder(args).start();
    }

    private static ProcessBuilder builder(String... args) {
        return new ProcessBuilder(command(args));
    }

    /// With the launcher's options.
    private static List<String> command(String... args) {
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
        return command;
    }
}
