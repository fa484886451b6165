package dev.tailor.cli.terminal;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.torch.Torch;
import dev.tailor.workflow.model.ModelSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintStream;

/// One invocation of `tailor`: where output goes, what was asked for globally, and how it is
/// stopped.
///
/// Results go to standard output. Notes, progress and errors go to standard error, so that output
/// can be piped.
public final class Session {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final GlobalOptions options = new GlobalOptions();
    private final Cancellation cancellation = new Cancellation();
    private final PrintStream out;
    private final PrintStream err;

    /// A session that writes to these streams.
    public Session(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /// The global options, filled in when the command line is parsed.
    public GlobalOptions options() {
        return options;
    }

    /// Requested when the user presses Ctrl-C.
    public Cancellation cancellation() {
        return cancellation;
    }

    /// Standard output, for results.
    public PrintStream out() {
        return out;
    }

    /// Standard error, for everything else.
    public PrintStream err() {
        return err;
    }

    /// Whether results are wanted as JSON.
    public boolean json() {
        return options.json();
    }

    /// Writes a result line.
    public void print(String line) {
        out.println(line);
    }

    /// Writes a JSON document (or one of several JSON lines).
    public void print(JsonNode node) {
        out.println(JSON.writeValueAsString(node));
    }

    /// Tells the user something that is not a result.
    public void note(String line) {
        if (!options.quiet()) {
            err.println(line);
        }
    }

    /// A listener that shows the progress of long work. Close it when the work is over.
    public Progress progress() {
        return options.quiet()
                ? new Progress(Event.Listener.none(), () -> {})
                : ProgressLine.open(err);
    }

    /// The model that a user named, fetched from the Hub if it must be.
    public ModelSource model(String text) {
        try (Progress progress = progress()) {
            return ModelSource.parse(text, progress);
        }
    }

    /// Loads the native library with the threads that were asked for.
    public void startTorch() {
        Torch.load();
        Torch.threads(options.threads());
    }

    /// A listener with an end.
    public record Progress(Event.Listener listener, Runnable end)
            implements Event.Listener, AutoCloseable {
        @Override
        public void on(Event event) {
            listener.on(event);
        }

        @Override
        public void close() {
            end.run();
        }
    }
}
