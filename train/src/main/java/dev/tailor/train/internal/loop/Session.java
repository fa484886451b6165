package dev.tailor.train.internal.loop;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.Seed;
import dev.tailor.train.TrainSettings;

import java.util.Map;

/// The frame a stage runs in: its name and settings, where it reports to, and who may stop it.
public record Session(
        String stage,
        TrainSettings settings,
        Seed seed,
        Event.Listener listener,
        Cancellation cancellation) {
    /// Tells the user something.
    public void note(String message) {
        listener.on(new Event.Note(stage, message, false));
    }

    /// Tells the user something that needs attention.
    public void warn(String message) {
        listener.on(new Event.Note(stage, message, true));
    }

    /// Reports measurements that are not a step's own.
    void metrics(long step, Map<String, Double> values) {
        values.forEach((name, value) -> listener.on(new Event.Metric(stage, step, name, value)));
    }
}
