package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `tailor gguf`.
@Command(
        name = "gguf",
        description = {"Look into GGUF files: what they hold, and whether it is whole.", ""},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  tailor gguf inspect model.gguf",
            "  tailor gguf verify model.gguf --against ./model"
        })
public final class GgufCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    private GgufCommand() {}

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine gguf = new CommandLine(new GgufCommand());
        gguf.addSubcommand(new GgufInspectCommand(session));
        gguf.addSubcommand(new GgufVerifyCommand(session));
        return gguf;
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "say which: inspect or verify");
    }
}
