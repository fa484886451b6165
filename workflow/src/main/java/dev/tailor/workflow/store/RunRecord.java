package dev.tailor.workflow.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far a run is: `run.json`.
///
/// @param name the recipe's name
/// @param recipe where the recipe was read from
/// @param version of Tailor
/// @param status what the run does
/// @param started when this attempt began, ISO 8601
/// @param ended when it ended; empty while it runs
/// @param seconds time spent in its stages, over all attempts
/// @param machine what it ran on
/// @param stages its stages in order
/// @param failure why it ended early
public record RunRecord(
        String name,
        String recipe,
        String version,
        Status status,
        String started,
        String ended,
        double seconds,
        Map<String, String> machine,
        List<StageRecord> stages,
        Optional<Failure> failure) {

    /// What a run or a stage does.
    public enum Status {
        /// Its turn has not come.
        WAITING,
        /// It runs, or was killed while it ran.
        RUNNING,
        /// It is done.
        FINISHED,
        /// Its result was taken from an earlier run.
        REUSED,
        /// A gate did not hold.
        REFUSED,
        /// The user stopped it.
        STOPPED,
        /// It failed.
        FAILED
    }

    /// A stage of a run.
    ///
    /// @param from the models it reads, as the recipe names them
    /// @param makesModel whether its result is a model
    public record StageRecord(
            String id,
            String kind,
            boolean makesModel,
            List<String> from,
            Status status,
            double seconds,
            Map<String, Double> metrics,
            List<String> notes) {}

    /// Why a run ended early.
    public record Failure(String code, String message, String where, String remedy) {}
}
