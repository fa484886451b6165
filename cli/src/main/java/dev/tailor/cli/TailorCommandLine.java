package dev.tailor.cli;

import static java.util.Objects.requireNonNull;

import dev.tailor.cli.terminal.ErrorReport;
import dev.tailor.cli.terminal.Session;
import dev.tailor.cli.terminal.Version;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The command tree, and how one command line is run.
public final class TailorCommandLine {
    private TailorCommandLine() {}

    @Command(
            name = "tailor",
            versionProvider = Version.class,
            customSynopsis = "tailor [OPTIONS] COMMAND [ARGUMENTS]",
            description = {
                "",
                "Tailors small language models to a domain: train, align, merge, evaluate, export."
            },
            optionListHeading = "%nOptions of every command:%n",
            footer = {
                "",
                "Start with:",
                "  tailor run examples/quickstart/recipe.yaml",
                "",
                "'tailor COMMAND --help' explains a command, with examples."
            })
    private static final class Root {
        @Option(
                names = {"-V", "--version"},
                versionHelp = true,
                description = "Print the version.")
        private boolean versionRequested;

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                scope = ScopeType.INHERIT,
                description = "Explain the command.")
        private boolean helpRequested;
    }

    /// Parses `args`, runs the command, reports a failure, and answers with the exit code.
    public static int run(Session session, String... args) {
        CommandLine commandLine = create(session, Set.copyOf(List.of(args)));
        if (args.length == 0) {
            commandLine.usage(commandLine.getOut());
            return 0;
        }
        return commandLine.execute(args);
    }

    /// The command tree with every command.
    public static CommandLine create(Session session) {
        CommandLine root = root(session);
        Commands.all().forEach(entry -> add(root, entry, session));
        return root;
    }

    /// The command tree with the commands that a command line names; with all of them where it
    /// names none, so that a misspelt one finds its neighbours.
    private static CommandLine create(Session session, Set<String> words) {
        boolean onlyOptions = words.stream().allMatch(word -> word.startsWith("-"));
        boolean namesOne = Commands.all().stream().anyMatch(e -> words.contains(e.name()));
        if (!onlyOptions && (!namesOne || words.contains("completion"))) {
            return create(session);
        }
        CommandLine root = root(session);
        Commands.all().stream()
                .filter(entry -> words.contains(entry.name()))
                .forEach(entry -> add(root, entry, session));
        return root;
    }

    private static CommandLine root(Session session) {
        CommandLine root = new CommandLine(new Root());
        root.addMixin("global", session.options());
        ErrorReport errors = new ErrorReport(session);
        root.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpAutoWidth(true);
        root.setExecutionStrategy(parsed -> execute(session, parsed));
        root.setExecutionExceptionHandler((failure, command, parsed) -> errors.report(failure));
        root.setParameterExceptionHandler(
                (failure, arguments) -> errors.report(usageError(failure)));
        root.getHelpSectionMap()
                .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> commandList());
        return root;
    }

    private static void add(CommandLine root, Commands.Entry entry, Session session) {
        root.addSubcommand(entry.name(), entry.create().apply(session));
        CommandLine added = requireNonNull(root.getSubcommands().get(entry.name()));
        added.setCaseInsensitiveEnumValuesAllowed(true);
        added.setUsageHelpAutoWidth(true);
        added.setExecutionExceptionHandler(root.getExecutionExceptionHandler());
        added.setParameterExceptionHandler(root.getParameterExceptionHandler());
        added.setOut(root.getOut());
        added.setErr(root.getErr());
        reflow(added);
    }

    /// The prose of a command's help as whole paragraphs, which picocli breaks where the terminal
    /// ends. Lines that are indented stay as they are.
    private static void reflow(CommandLine command) {
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        List<String> lines = new ArrayList<>();
        boolean open = false;
        for (String line : usage.footer()) {
            boolean prose = !line.isEmpty() && !line.startsWith(" ");
            if (prose && open) {
                lines.add(lines.removeLast() + " " + line);
            } else {
                lines.add(line);
            }
            open = prose && !line.endsWith(":");
        }
        usage.footer(lines.toArray(String[]::new));
        command.getSubcommands().values().forEach(TailorCommandLine::reflow);
    }

    private static String commandList() {
        StringBuilder list = new StringBuilder();
        String group = "";
        for (Commands.Entry entry : Commands.all()) {
            if (!entry.group().equals(group)) {
                group = entry.group();
                list.append(String.format("%n%s:%n", group));
            }
            list.append(String.format(Locale.ROOT, "  %-11s %s%n", entry.name(), entry.summary()));
        }
        return list.toString();
    }

    private static int execute(Session session, ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            CommandLine command = last.commandSpec().commandLine();
            session.options()
                    .mistake()
                    .ifPresent(mistake -> {
                        throw new ParameterException(command, mistake);
                    });
        }
        return new RunLast().execute(parsed);
    }

    private static TailorException usageError(ParameterException parameter) {
        ParameterException failure = misspelt(parameter);
        String help =
                "see '" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
        List<String> suggestions =
                failure instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        String remedy =
                suggestions.isEmpty()
                        ? help
                        : "did you mean '" + String.join("' or '", suggestions) + "'? " + help;
        return TailorException.of(ErrorCode.USAGE, message(failure))
                .remedy(remedy)
                .causedBy(failure);
    }

    private static String message(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()) {
            boolean commands = !failure.getCommandLine().getSubcommands().isEmpty();
            return (commands ? "unknown command '" : "unexpected argument '")
                    + unmatched.getUnmatched().getFirst()
                    + "'";
        }
        return String.valueOf(failure.getMessage());
    }

    /// A required option that is missing may be there, misspelt: then that is what to say.
    private static ParameterException misspelt(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        List<String> unmatched = command.getUnmatchedArguments();
        return failure instanceof MissingParameterException && !unmatched.isEmpty()
                ? new UnmatchedArgumentException(command, unmatched)
                : failure;
    }
}
