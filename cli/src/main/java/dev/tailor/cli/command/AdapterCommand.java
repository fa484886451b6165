package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.model.ModelSource;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
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

    /// The directory of a model or adapter that a user named; one with another adapter on top is
    /// refused.
    static Path directory(Session session, String text) {
        ModelSource source = session.model(text);
        if (source.adapter().isPresent()) {
            throw TailorException.of(
                            ErrorCode.USAGE, "a directory is wanted here, not MODEL+ADAPTER")
                    .at(text)
                    .remedy("merge that adapter first: tailor adapter merge MODEL ADAPTER OUT");
        }
        return source.directory();
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say which: merge or extract");
    }
}
