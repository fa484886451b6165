package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.workflow.model.LoadedModel;

import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `tailor chat`.
@Command(
        name = "chat",
        description = {"Talk with a model in the terminal.", ""},
        footer = {
            "",
            "In the chat: /reset forgets the conversation, /system TEXT sets the system message"
                    + " and",
            "starts over, /quit (or Ctrl-D) ends. Ctrl-C cuts an answer short. A line that ends"
                    + " with",
            "a backslash goes on in the next one.",
            "",
            "Examples:",
            "  tailor chat runs/quickstart/stages/aligned",
            "  tailor chat ./base --adapter ./adapter --system 'You are terse.' --temperature 0"
        })
public final class ChatCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArguments model = new ModelArguments();
    @Mixin private final SamplingArguments sampling = new SamplingArguments();

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
    private @Nullable String system;

    /// Chats on the session's terminal.
    public ChatCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.startTorch();
        try (LoadedModel loaded = model.load();
                Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
            Conversation conversation =
                    new Conversation(loaded, sampling, Optional.ofNullable(system));
            terminal.handle(Terminal.Signal.INT, signal -> conversation.interrupt());
            LineReader reader = LineReaderBuilder.builder().terminal(terminal).build();
            session.note("/reset  /system TEXT  /quit");
            String line = read(reader);
            while (line != null && !line.strip().equals("/quit")) {
                answer(conversation, line, terminal);
                line = read(reader);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private void answer(Conversation conversation, String line, Terminal terminal) {
        String said = line.strip();
        if (said.isEmpty()) {
            return;
        }
        if (said.equals("/reset")) {
            conversation.reset();
            session.note("forgotten");
        } else if (said.startsWith("/system")) {
            conversation.system(said.substring("/system".length()).strip());
            session.note("starting over with this system message");
        } else if (said.startsWith("/")) {
            session.note("no such command; there are /reset, /system TEXT and /quit");
        } else {
            conversation.ask(
                    said,
                    piece -> {
                        terminal.writer().print(piece);
                        terminal.writer().flush();
                    });
            terminal.writer().println();
            terminal.writer().flush();
        }
    }

    /// A line, or null at the end.
    private static @Nullable String read(LineReader reader) {
        try {
            return reader.readLine("> ");
        } catch (UserInterruptException e) {
            return "";
        } catch (EndOfFileException e) {
            return null;
        }
    }
}
