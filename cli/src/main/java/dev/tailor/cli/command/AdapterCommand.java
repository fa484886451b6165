package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `tailor adapter`.
@Command(
        name = "adapter",
        description = {"Merge PEFT adapters into models, or extract them from tuned ones.", ""},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  tailor adapter merge ./base ./adapter ./merged",
            "  tailor adapter extract ./base ./tuned ./adapter --rank 32"
        })
public final class AdapterCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    private AdapterCommand() {}

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine adapter = new CommandLine(new AdapterCommand());
        adapter.addSubcommand(new AdapterMergeCommand(session));
        adapter.addSubcommand(new AdapterExtractCommand(session));
        return adapter;
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say which: merge or extract");
    }
}
