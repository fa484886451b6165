package dev.tailor.cli;

import dev.tailor.cli.terminal.Session;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the launcher's ahead-of-time cache is made from: the start of the usual commands. Nothing
/// here may touch the Vector API, whose module the cache cannot hold.
final class StartupTraining {
    private StartupTraining() {}

    /// Runs the commands and throws their output away.
    public static void main(String[] args) {
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        List<String[]> commandLines =
                List.of(
                        new String[] {"--help"},
                        new String[] {"score", "--help"},
                        new String[] {"score", "no-such-model", "--input", "no-such-file"},
                        new String[] {"no-such-command"},
                        new String[] {"doctor", "--json"},
                        new String[] {"completion"});
        for (String[] commandLine : commandLines) {
            TailorCommandLine.run(new Session(nowhere, nowhere, () -> {}), commandLine);
        }
    }
}
