package dev.tailor.cli.terminal;

import static java.util.Objects.requireNonNull;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Tells the user of a failure: what, where, what to do. Anything that is not a [TailorException]
/// is a bug and is reported as one, with the details in a file.
public final class ErrorReport {
    private final Session session;

    /// Reports to the session's streams.
    public ErrorReport(Session session) {
        this.session = session;
    }

    /// Reports a failure and answers with the exit code of the process.
    public int report(Throwable failure) {
        return switch (failure) {
            case TailorException e -> expected(e);
            case OutOfMemoryError e ->
                    expected(
                            TailorException.of(ErrorCode.OUT_OF_MEMORY, "out of memory")
                                    .remedy(
                                            "use a smaller batch or sequence length, or a machine"
                                                    + " with more memory")
                                    .causedBy(e));
            case NoSuchFileException e -> expected(missing(e.getFile(), e));
            case FileNotFoundException e -> expected(missing(String.valueOf(e.getMessage()), e));
            case AccessDeniedException e ->
                    expected(
                            TailorException.of(ErrorCode.FILE_NOT_FOUND, "permission denied")
                                    .at(e.getFile())
                                    .causedBy(e));
            case UncheckedIOException e -> report(requireNonNull(e.getCause()));
            case IOException e ->
                    expected(
                            TailorException.of(ErrorCode.FILE_NOT_FOUND, String.valueOf(e))
                                    .causedBy(e));
            default -> bug(failure);
        };
    }

    private static TailorException missing(String file, Throwable cause) {
        return TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file")
                .at(file)
                .causedBy(cause);
    }

    private int expected(TailorException e) {
        session.err()
                .println((e.code() == ErrorCode.INTERRUPTED ? "tailor: " : "error: ") + e.render());
        if (session.options().debug()) {
            session.err().print(stackTrace(e));
        }
        writeJson(e.code(), e.getMessage(), e.where().orElse(""), e.remedy().orElse(""));
        return e.code().exitCode();
    }

    private int bug(Throwable failure) {
        session.err().println("error: this is a bug in Tailor, not a mistake of yours: " + failure);
        String remedy;
        if (session.options().debug()) {
            session.err().print(stackTrace(failure));
            remedy = "please report it with the lines above";
        } else {
            remedy = keepDetails(failure);
        }
        session.err().println("  " + remedy);
        writeJson(ErrorCode.INTERNAL, failure.toString(), "", remedy);
        return ErrorCode.INTERNAL.exitCode();
    }

    /// With `--json`, the error is the (last) document on standard output.
    private void writeJson(ErrorCode code, String what, String where, String remedy) {
        if (!session.json()) {
            return;
        }
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        ObjectNode fields = error.putObject("error");
        fields.put("code", code.name());
        fields.put("message", what);
        if (!where.isEmpty()) {
            fields.put("where", where);
        }
        if (!remedy.isEmpty()) {
            fields.put("remedy", remedy);
        }
        fields.put("exit_code", code.exitCode());
        session.print(error);
    }

    private static String keepDetails(Throwable failure) {
        try {
            Path file = Files.createTempFile("tailor-bug-", ".txt");
            Files.writeString(
                    file,
                    "Tailor "
                            + Version.NUMBER
                            + ", Java "
                            + Runtime.version()
                            + ", "
                            + System.getProperty("os.name")
                            + " "
                            + System.getProperty("os.arch")
                            + "\n\n"
                            + stackTrace(failure));
            return "the details are in " + file + "; please report it with that file";
        } catch (IOException e) {
            return "run the same command with --debug to see the details, and please report it";
        }
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
