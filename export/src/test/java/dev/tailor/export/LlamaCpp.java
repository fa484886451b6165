package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A real llama.cpp (release b4916, out of the test dependency `de.kherud:llama`), in a process of
/// its own.
final class LlamaCpp {
    private static final String LIBRARY = "/de/kherud/llama/Linux/x86_64/libjllama.so";

    private LlamaCpp() {}

    /// What to do with one file.
    ///
    /// @param texts to be tokenized, special tokens in them recognised
    /// @param addSpecial whether the file's beginning-of-text token is added where it says so
    /// @param prompts token ids to be continued greedily
    /// @param maxTokens most tokens of a continuation
    record Job(
            String file,
            List<String> texts,
            boolean addSpecial,
            List<List<Integer>> prompts,
            int maxTokens) {
        static Job tokenize(Path file, List<String> texts) {
            return new Job(file.toString(), texts, false, List.of(), 0);
        }

        static Job generate(Path file, List<List<Integer>> prompts, int maxTokens) {
            return new Job(file.toString(), List.of(), false, prompts, maxTokens);
        }
    }

    /// What came of a job.
    ///
    /// @param generated ids of each continuation, the end token included
    /// @param answers the continuations as text
    /// @param logits after each prompt, one prompt after the other
    record Answer(
            List<List<Integer>> tokens,
            List<List<Integer>> generated,
            List<String> answers,
            List<Float> logits) {}

    /// Runs jobs; the test is skipped where the jar has no library for the machine.
    static List<Answer> run(Path directory, List<Job> jobs) throws Exception {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "llama.cpp is tested on Linux x86-64 only");
        Path library = extract(directory);
        Path request = directory.resolve("jobs.json");
        Path reply = directory.resolve("answers.json");
        Path log = directory.resolve("llama.log");
        JsonMapper.shared().writeValue(request.toFile(), jobs);
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LlamaCppProcess.class.getName(),
                                library.toString(),
                                request.toString(),
                                reply.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int status = process.waitFor();
        assertThat(status).as("llama.cpp's log:%n%s", tail(log)).isZero();
        return List.of(JsonMapper.shared().readValue(reply.toFile(), Answer[].class));
    }

    private static Path extract(Path directory) throws IOException {
        Path library = directory.resolve("libjllama.so");
        if (!Files.exists(library)) {
            try (InputStream in = LlamaCpp.class.getResourceAsStream(LIBRARY)) {
                Files.copy(in, library);
            }
        }
        return library;
    }

    private static String tail(Path log) throws IOException {
        // llama.cpp prints single bytes of tokens: not UTF-8.
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        return text.substring(Math.max(0, text.length() - 4000));
    }

    /// How far logits are from those expected, at most.
    static double distance(List<Float> actual, List<Float> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        for (int i = 0; i < actual.size(); i++) {
            largest = Math.max(largest, Math.abs(actual.get(i) - expected.get(i)));
        }
        return largest;
    }
}
