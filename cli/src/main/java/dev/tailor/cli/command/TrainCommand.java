package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `tailor train`.
@Command(
        name = "train",
        description = {"Train one stage without a recipe.", ""},
        synopsisSubcommandLabel = "cpt|sft|dpo|kto|distill",
        footer = {
            "",
            "Examples:",
            "  tailor train cpt --from ./base --data 'docs/**/*.md' --out ./reader",
            "  tailor train sft --from ./reader --data qa.jsonl --out ./clerk --lora-rank 8",
            "  tailor train dpo --from ./clerk --data choices.jsonl --out ./aligned",
            "  tailor train dpo --from ./clerk --data pairs.jsonl --out ./kind --loss simpo",
            "  tailor train kto --from ./clerk --data thumbs.jsonl --out ./liked",
            "  tailor train distill --from small --teacher clerk --data qa.jsonl --out heir",
            "  tailor train sft --from ./base --data qa.jsonl --out ./clerk --print-recipe"
        })
public final class TrainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    private TrainCommand() {}

    /// With its subcommands in this session.
    public static CommandLine create(Session session) {
        CommandLine train = new CommandLine(new TrainCommand());
        for (TrainStageCommand.Kind kind : TrainStageCommand.Kind.values()) {
            train.addSubcommand(kind.name(), TrainStageCommand.create(session, kind));
        }
        return train;
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "say which: cpt, sft, dpo, kto or distill");
    }
}
