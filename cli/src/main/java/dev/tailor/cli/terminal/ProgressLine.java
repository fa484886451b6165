package dev.tailor.cli.terminal;

import dev.tailor.core.Event;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Shows where long work stands: on a terminal one line that is redrawn, elsewhere (a log file, a
/// pipe) a plain line now and then.
///
/// ```
/// domain  120/400  loss 2.314  lr 0.0002  3.2k tok/s  1m40s left  1.2 GB
/// ```
final class ProgressLine implements Event.Listener {
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long LOG_NANOS = 15_000_000_000L;

    private final PrintStream err;
    private final boolean redraws;
    private final int width;

    private String description = "";
    private long firstStep;
    private long firstStepTime;
    private long shownAt;
    private boolean lineOpen;
    private Event.@Nullable Step pending;

    ProgressLine(PrintStream err, boolean redraws, int width) {
        this.err = err;
        this.redraws = redraws;
        this.width = width;
    }

    /// Progress on standard error, as fits what it is connected to.
    static Session.Progress open(PrintStream err) {
        boolean terminal = err == System.err && Libc.standardErrorIsTerminal();
        ProgressLine line =
                new ProgressLine(err, terminal, terminal ? Libc.terminalWidth(100) : 1000);
        return new Session.Progress(line, line::end);
    }

    @Override
    public synchronized void on(Event event) {
        switch (event) {
            case Event.StageStarted started -> start(started);
            case Event.Step step -> step(step);
            case Event.Metric metric -> metric(metric);
            case Event.Answer answer -> answer(answer);
            case Event.Note note ->
                    say(
                            (note.warning() ? "warning: " : "")
                                    + prefix(note.stage())
                                    + note.message());
            case Event.StageFinished finished -> finish(finished);
        }
    }

    private void start(Event.StageStarted started) {
        end();
        description = started.description();
        firstStepTime = 0;
        shownAt = 0;
        if (!redraws) {
            say(prefix(started.stage()) + description);
        } else {
            redraw(prefix(started.stage()) + description);
        }
    }

    private void step(Event.Step step) {
        long now = System.nanoTime();
        if (firstStepTime == 0) {
            firstStep = step.step();
            firstStepTime = now;
            shownAt = redraws ? 0 : now;
        }
        pending = step;
        boolean last = step.total() > 0 && step.step() >= step.total();
        if (redraws ? now - shownAt >= REDRAW_NANOS || last : now - shownAt >= LOG_NANOS) {
            show(step, now);
        }
    }

    private void show(Event.Step step, long now) {
        shownAt = now;
        pending = null;
        String line = line(step, now);
        if (redraws) {
            redraw(line);
        } else {
            err.println(line);
        }
    }

    private String line(Event.Step step, long now) {
        List<String> parts = new ArrayList<>();
        String what = step.stage().isEmpty() ? description : step.stage();
        parts.add(what);
        parts.add(step.total() > 0 ? step.step() + "/" + step.total() : "" + step.step());
        Map<String, Double> metrics = step.metrics();
        add(parts, "loss ", metrics.get("loss"));
        add(parts, "acc ", metrics.get("reward_accuracy"));
        Double speed = metrics.get("tokens_per_second");
        if (speed != null) {
            parts.add(Figures.count(speed) + " tok/s");
        }
        double perStep = (now - firstStepTime) / 1e9 / Math.max(1, step.step() - firstStep);
        if (step.total() > step.step() && step.step() > firstStep) {
            parts.add(Figures.duration(perStep * (step.total() - step.step())) + " left");
        }
        parts.add(Figures.bytes(ResidentMemory.now()));
        return String.join("  ", parts);
    }

    private static void add(List<String> parts, String label, @Nullable Double value) {
        if (value != null) {
            parts.add(label + Figures.number(value));
        }
    }

    private void metric(Event.Metric metric) {
        say(
                prefix(metric.stage())
                        + "step "
                        + metric.step()
                        + "  "
                        + metric.name().replace('_', ' ')
                        + " "
                        + Figures.number(metric.value()));
    }

    /// Prompt and answer on one line, each cut short.
    private void answer(Event.Answer answer) {
        say(
                "%sstep %d  «%s» %s"
                        .formatted(
                                prefix(answer.stage()),
                                answer.step(),
                                shortened(answer.prompt(), 30),
                                shortened(answer.text(), 80)));
    }

    private static String shortened(String text, int most) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= most
                ? line
                : line.substring(0, line.offsetByCodePoints(0, most)) + "…";
    }

    private void finish(Event.StageFinished finished) {
        if (pending != null && !redraws) {
            err.println(line(pending, System.nanoTime()));
        }
        pending = null;
        say(
                prefix(finished.stage())
                        + (finished.reused()
                                ? "unchanged, taken from the earlier run"
                                : "done in " + Figures.duration(finished.seconds())));
    }

    /// A line that stays.
    private void say(String line) {
        end();
        err.println(line);
    }

    private void redraw(String line) {
        String shown = line.length() < width ? line : line.substring(0, width - 1);
        err.print("\r\033[K" + shown);
        err.flush();
        lineOpen = true;
    }

    /// Wipes the line that is being redrawn; what follows starts at the left.
    synchronized void end() {
        if (lineOpen) {
            err.print("\r\033[K");
            err.flush();
            lineOpen = false;
        }
    }

    private static String prefix(String stage) {
        return stage.isEmpty() ? "" : stage + "  ";
    }
}
