package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import org.jspecify.annotations.Nullable;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.Objects;
import java.util.concurrent.Callable;

/// `tailor completion`.
@Command(
        name = "completion",
        description = "Print a script that completes commands and options in bash and zsh.",
        footer = {
            "",
            "Examples:",
            "  source <(tailor completion)",
            "  tailor completion bash > ~/.local/share/bash-completion/completions/tailor"
        })
public final class CompletionCommand implements Callable<Integer> {
    /// The shells that the script is for.
    enum Shell {
        /// GNU bash
        bash,
        /// zsh, through its emulation of bash's completion
        zsh
    }

    private final Session session;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SHELL",
            description = "${COMPLETION-CANDIDATES}; one script serves both.")
    private @Nullable Shell shell;

    @Spec private @Nullable CommandSpec spec;

    /// Prints to the session's output.
    public CompletionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.out()
                .print(
                        AutoComplete.bash(
                                "tailor", Objects.requireNonNull(spec).root().commandLine()));
        return 0;
    }
}
