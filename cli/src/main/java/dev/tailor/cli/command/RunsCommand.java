package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.util.concurrent.Callable;

/// `tailor runs`.
@Command(
        name = "runs",
        description = {"List runs, show one, or compare two.", ""},
        synopsisSubcommandLabel = "[COMMAND]",
        footer = {
            "",
            "A run is named by its directory, or by its name below ./runs.",
            "",
            "Examples:",
            "  tailor runs",
            "  tailor runs show quickstart",
            "  tailor runs compare quickstart runs/second-try"
        })
public final class RunsCommand implements Callable<Integer> {
    private final Session session;

    private RunsCommand(Session session) {
        this.session = session;
    }

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine runs = new CommandLine(new RunsCommand(session));
        runs.addSubcommand(new RunsListCommand(session));
        runs.addSubcommand(new RunsShowCommand(session));
        runs.addSubcommand(new RunsCompareCommand(session));
        return runs;
    }

    @Override
    public Integer call() {
        return new RunsListCommand(session).call();
    }
}
