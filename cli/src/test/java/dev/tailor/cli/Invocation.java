package dev.tailor.cli;

import dev.tailor.cli.terminal.Session;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// One `tailor` command run within this process, with what it wrote and its exit code.
public record Invocation(int exitCode, String out, String err) {
    /// Runs a command.
    public static Invocation of(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Session session =
                new Session(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        String[] words = List.of(args).stream().map(String::valueOf).toArray(String[]::new);
        int exitCode = TailorCommandLine.run(session, words);
        return new Invocation(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    /// The tiny model of the tests.
    public static Path model() {
        try {
            return Path.of(Invocation.class.getResource("/llama/config.json").toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /// Standard output as one JSON document.
    public JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    /// Standard output as JSON lines.
    public List<JsonNode> jsonLines() {
        return out.lines().map(line -> JsonMapper.shared().readTree(line)).toList();
    }
}
