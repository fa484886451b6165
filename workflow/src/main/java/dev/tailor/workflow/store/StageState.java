package dev.tailor.workflow.store;

import java.util.List;
import java.util.Map;

/// What a finished stage was made from and what came of it: `state/ID.json`.
///
/// @param key digest of all ingredients: a stage whose key is unchanged is not run again
/// @param ingredients everything the result depends on, by name: settings as they are, models and
///   data by their digests
/// @param digest digest of the result's files
/// @param seconds how long it took
/// @param metrics what was measured, by name
/// @param notes what the user should know
/// @param data what became of the rows of each data set
/// @param dropped samples that were read and not learnt from, by reason
public record StageState(
        String id,
        String kind,
        String key,
        Map<String, String> ingredients,
        String digest,
        double seconds,
        Map<String, Double> metrics,
        List<String> notes,
        List<DataUse> data,
        Map<String, Long> dropped) {

    /// What became of the rows of one data set.
    ///
    /// @param name its name in the recipe
    /// @param format how its rows are written
    /// @param reason why it was recognised as that
    /// @param rows rows read
    /// @param rejected rows left out, by reason
    /// @param issues some of them: `file:row: reason`
    public record DataUse(
            String name,
            String format,
            String reason,
            long rows,
            Map<String, Long> rejected,
            List<String> issues) {}
}
