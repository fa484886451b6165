package dev.tailor.cli;

import dev.tailor.cli.terminal.Interruption;
import dev.tailor.cli.terminal.Session;
import dev.tailor.cli.terminal.VectorModule;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// The `tailor` command.
public final class Main {
    private Main() {}

    /// Runs the command and ends the process with its exit code.
    public static void main(String[] args) {
        // Files and pipes carry UTF-8 whatever the locale says.
        PrintStream out =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        Session session = new Session(out, System.err, VectorModule::load);
        Interruption interruption = Interruption.install(session);
        int exitCode;
        try {
            exitCode = TailorCommandLine.run(session, args);
            out.flush();
        } finally {
            interruption.workIsDone();
        }
        System.exit(exitCode);
    }
}
