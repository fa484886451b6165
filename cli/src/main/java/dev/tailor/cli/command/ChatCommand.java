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

import tools.jackson.databind.node.JsonNodeFactory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/// `tailor chat`.
@Command(
        name = "chat",
        description = {"Talk with a model in the terminal.", ""},
        footer = {
            "",
            "With --json, lines of standard input are answered by JSON lines {\"text\": ...}.",
            "",
            "In the chat: /reset forgets the conversation, /system TEXT sets the system message"
                    + " and",
            "starts over, /quit (or Ctrl-D) ends. Ctrl-C cuts an answer short. A line that ends"
                    + " with",
            "a backslash goes on in the next one.",
            "",
            "Examples:",
            "  tailor chat runs/quickstart/stages/aligned",
            "  tailor chat ./base --adapter ./adapter --system 'You are terse.'"
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
        try (LoadedModel loaded = model.load(session)) {
            Conversation conversation =
                    new Conversation(loaded, sampling, Optional.ofNullable(system));
            if (session.json()) {
                pipe(conversation);
            } else {
                talk(conversation);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    /// Lines from standard input, an answer each as a JSON line.
    private void pipe(Conversation conversation) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = reader.readLine();
        while (line != null && !line.strip().equals("/quit")) {
            turn(
                    conversation,
                    line,
                    said ->
                            session.print(
                                    JsonNodeFactory.instance
                                            .objectNode()
                                            .put("text", conversation.ask(said, piece -> {}))));
            line = reader.readLine();
        }
    }

    private void talk(Conversation conversation) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
            terminal.handle(Terminal.Signal.INT, signal -> conversation.interrupt());
            LineReader reader = LineReaderBuilder.builder().terminal(terminal).build();
            session.note("/reset  /system TEXT  /quit");
            String line = read(reader);
            while (line != null && !line.strip().equals("/quit")) {
                turn(conversation, line, said -> answer(conversation, said, terminal.writer()));
                line = read(reader);
            }
        }
    }

    /// Does what a line says: a command, or something to answer.
    private void turn(Conversation conversation, String line, Consumer<String> answer) {
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
            answer.accept(said);
        }
    }

    private static void answer(Conversation conversation, String said, PrintWriter out) {
        conversation.ask(
                said,
                piece -> {
                    out.print(piece);
                    out.flush();
                });
        out.println();
        out.flush();
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
