package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

import java.util.concurrent.Callable;

/// `tailor data`.
@Command(
        name = "data",
        description = {"Look at data, find what is wrong with it, convert it.", ""},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Reads JSON, JSON lines, Parquet, CSV, Markdown, text, HTML and PDF. The layout of"
                    + " rows",
            "(messages, ShareGPT, alpaca, prompt/completion, chosen/rejected, text, ...) is"
                    + " recognised.",
            "",
            "Examples:",
            "  tailor data check train.jsonl",
            "  tailor data stats 'docs/**/*.md'",
            "  tailor data convert alpaca.json -o messages.jsonl"
        })
public final class DataCommand implements Callable<Integer> {
    @CommandLine.Spec private CommandSpec spec = CommandSpec.create();

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine data = new CommandLine(new DataCommand());
        data.addSubcommand(new DataCheckCommand(session));
        data.addSubcommand(new DataStatsCommand(session));
        data.addSubcommand(new DataConvertCommand(session));
        return data;
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "say which: check, stats or convert");
    }
}
