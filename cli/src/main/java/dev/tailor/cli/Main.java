package dev.tailor.cli;

import dev.tailor.cli.terminal.Interruption;
import dev.tailor.cli.terminal.Session;
import dev.tailor.cli.terminal.StandardOutput;
import dev.tailor.core.TailorException;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The `tailor` command.
public final class Main {
    private Main() {}

    /// Runs the command and ends the process with its exit code.
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        // Files and pipes carry UTF-8 whatever the locale says.
        StandardOutput output = new StandardOutput();
        PrintStream out = new PrintStream(output, false, StandardCharsets.UTF_8);
        Session session = new Session(out, System.err);
        Interruption interruption = Interruption.install(session);
        int exitCode;
        try {
            exitCode = TailorCommandLine.run(session, args);
            out.flush();
            Optional<TailorException> lost = output.failure();
            if (lost.isPresent()) {
                System.err.println("error: " + lost.get().render());
                exitCode = lost.get().code().exitCode();
            }
        } finally {
            interruption.workIsDone();
        }
        return exitCode;
    }
}
