package dev.tailor.core;

import java.util.Map;

/// Something that happened during long work. Rendered as progress, kept in `events.jsonl`, shown in
/// the report.
public sealed interface Event {
    /// A stage of a run begins; `total` is the number of steps, or 0 if unknown.
    record StageStarted(String stage, String description, long total) implements Event {}

    /// One step done: the numbers measured at it (`loss`, `learning_rate`, `grad_norm`,
    /// `tokens_per_second`, ...).
    record Step(String stage, long step, long total, Map<String, Double> metrics)
            implements Event {}

    /// A measurement that is not a step's own, such as an evaluation during training.
    record Metric(String stage, long step, String name, double value) implements Event {}

    /// What the model answered to a prompt after a step, for people to read along.
    record Answer(String stage, long step, String prompt, String text) implements Event {}

    /// Something the user should know; `warning` marks what needs attention.
    record Note(String stage, String message, boolean warning) implements Event {}

    /// A stage is over; `reused` when its result was taken from an earlier run.
    record StageFinished(String stage, double seconds, boolean reused) implements Event {}

    /// Receives events, on the thread that works.
    @FunctionalInterface
    interface Listener {
        /// Called for each event, in order.
        void on(Event event);

        /// A listener that hears nothing.
        static Listener none() {
            return event -> {};
        }
    }
}
