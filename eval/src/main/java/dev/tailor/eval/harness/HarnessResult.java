package dev.tailor.eval.harness;

import java.util.List;
import java.util.OptionalDouble;

/// What a model reached in a task.
///
/// @param shots the number of examples
/// @param figures the task's metrics by filter
/// @param samples every sample that could be asked
/// @param original the number of rows there are
/// @param notes what was skipped or is odd, with counts and places
public record HarnessResult(
        TaskConfig task,
        int shots,
        List<Figure> figures,
        List<GradedQuestion> samples,
        int original,
        List<String> notes,
        double seconds) {
    /// A metric after a filter.
    ///
    /// @param standardError empty where it is not known
    /// @param samples the number of samples behind it
    public record Figure(
            String metric,
            String filter,
            double value,
            OptionalDouble standardError,
            boolean higherIsBetter,
            int samples) {
        /// The name in results: `acc,none`.
        public String key() {
            return metric + "," + filter;
        }

        /// The name of its standard error in results: `acc_stderr,none`.
        public String errorKey() {
            return metric + "_stderr," + filter;
        }
    }
}
