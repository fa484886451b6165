package dev.tailor.cli;

import dev.tailor.cli.command.CompletionCommand;
import dev.tailor.cli.command.DoctorCommand;
import dev.tailor.cli.command.ScoreCommand;
import dev.tailor.cli.terminal.ErrorReport;
import dev.tailor.cli.terminal.Session;
import dev.tailor.cli.terminal.Version;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The command tree, and how one command line is run.
public final class TailorCommandLine {
    private TailorCommandLine() {}

    @Command(
            name = "tailor",
            versionProvider = Version.class,
            synopsisSubcommandLabel = "COMMAND",
            description = {
                "",
                "Tailors small language models to a domain: train, align, merge, evaluate, export.",
                ""
            },
            commandListHeading = "%nCommands:%n",
            optionListHeading = "%nOptions of every command:%n",
            footer = {
                "",
                "Start with:",
                "  tailor run examples/quickstart/recipe.yaml",
                "  tailor chat runs/quickstart/stages/aligned",
                "",
                "'tailor COMMAND --help' explains a command, with examples."
            })
    private static final class Root {
        @CommandLine.Option(
                names = {"-V", "--version"},
                versionHelp = true,
                description = "Print the version.")
        private boolean versionRequested;

        @CommandLine.Option(
                names = {"-h", "--help"},
                usageHelp = true,
                scope = CommandLine.ScopeType.INHERIT,
                description = "Explain the command.")
        private boolean helpRequested;
    }

    /// Parses `args`, runs the command, reports a failure, and answers with the exit code.
    public static int run(Session session, String... args) {
        CommandLine commandLine = create(session);
        if (args.length == 0) {
            commandLine.usage(commandLine.getOut());
            return 0;
        }
        return commandLine.execute(args);
    }

    /// The command tree.
    public static CommandLine create(Session session) {
        CommandLine root = new CommandLine(new Root());
        root.addMixin("global", session.options());
        root.addSubcommand(new ScoreCommand(session));
        root.addSubcommand(new DoctorCommand(session));
        root.addSubcommand(new CompletionCommand(session));
        ErrorReport errors = new ErrorReport(session);
        root.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpAutoWidth(true);
        root.setAbbreviatedOptionsAllowed(false);
        root.setExecutionExceptionHandler((failure, command, parsed) -> errors.report(failure));
        root.setParameterExceptionHandler(
                (failure, arguments) -> errors.report(usageError(failure)));
        return root;
    }

    private static TailorException usageError(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String help = "see '" + command.getCommandSpec().qualifiedName() + " --help'";
        List<String> suggestions =
                failure instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        String remedy =
                suggestions.isEmpty()
                        ? help
                        : "did you mean '" + String.join("' or '", suggestions) + "'? " + help;
        return TailorException.of(ErrorCode.USAGE, String.valueOf(failure.getMessage()))
                .remedy(remedy)
                .causedBy(failure);
    }
}
