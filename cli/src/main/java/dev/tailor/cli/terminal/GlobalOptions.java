package dev.tailor.cli.terminal;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

import java.util.Optional;

/// Options that stand before or after any command.
public final class GlobalOptions {
    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Write JSON on standard output; messages go to standard error.")
    private boolean json;

    @Option(
            names = "--quiet",
            scope = ScopeType.INHERIT,
            description = "No progress, no notes; results and errors only.")
    private boolean quiet;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces.")
    private boolean debug;

    @Option(
            names = "--threads",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Threads to compute with (default: the machine's cores).")
    private @Nullable Integer threads;

    /// Whether results are wanted as JSON.
    public boolean json() {
        return json;
    }

    /// Whether progress and notes are unwanted.
    public boolean quiet() {
        return quiet;
    }

    /// Whether stack traces are wanted.
    public boolean debug() {
        return debug;
    }

    /// Threads to compute with, at least 1.
    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /// What is wrong with the options, if something is.
    public Optional<String> mistake() {
        return threads() < 1
                ? Optional.of("Invalid value for option '--threads': at least 1 is needed")
                : Optional.empty();
    }
}
