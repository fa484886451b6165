package dev.tailor.cli;

import dev.tailor.core.VectorApi;

import java.io.IOException;
import java.util.List;

/// What the launcher's ahead-of-time cache is made from: the start of the usual commands, and
/// merges. Nothing here may touch the Vector API, whose module the cache cannot hold.
final class StartupTraining {
    private static final List<List<String>> COMMANDS =
            List.of(
                    List.of("--help"),
                    List.of("score", "--help"),
                    List.of("score", "no-such-model", "--input", "no-such-file"),
                    List.of("no-such-command"),
                    List.of("doctor", "--json"),
                    List.of("completion"));

    private StartupTraining() {}

    /// Runs the commands; what they print is of no interest.
    public static void main(String[] args) throws IOException {
        System.setProperty(VectorApi.OFF, "true");
        for (List<String> command : COMMANDS) {
            Main.run(command.toArray(String[]::new));
        }
        TrialMerges.run(Main::run);
    }
}
