package dev.tailor.eval.harness;

import dev.tailor.core.Location;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A task as its file describes it, everything included.
///
/// @param name its name
/// @param origin where it stands
/// @param source the data it is made of
/// @param output what is asked
/// @param form how a row becomes text
/// @param description stands before everything
/// @param shots its examples
/// @param generation how answers are generated
/// @param grading filters and metrics
/// @param resolved the whole configuration as plain values, for the results
public record TaskConfig(
        String name,
        Location origin,
        Source source,
        OutputType output,
        PromptForm form,
        Field description,
        Shots shots,
        GenerationSpec generation,
        Grading grading,
        Map<String, Object> resolved) {
    /// The data of a task.
    ///
    /// @param path the name of the data set, such as `allenai/ai2_arc`
    /// @param name the part of it, such as `ARC-Easy`
    /// @param processing the twin that prepares its rows; null for none
    /// @param splitColumn where a column says which split a row belongs to; null where none does
    public record Source(
            String path,
            String name,
            @Nullable String training,
            @Nullable String validation,
            @Nullable String test,
            @Nullable String processing,
            @Nullable SplitColumn splitColumn) {
        /// The split that is evaluated; null if there is none.
        public @Nullable String evaluated() {
            return test != null ? test : validation;
        }
    }

    /// The same task with its rows written in another way.
    TaskConfig with(PromptForm other) {
        return new TaskConfig(
                name,
                origin,
                source,
                output,
                other,
                description,
                shots,
                generation,
                grading,
                resolved);
    }

    /// The category it is reported under: `metadata.category`.
    public Optional<String> category() {
        return resolved.get("metadata") instanceof Map<?, ?> metadata
                        && metadata.get("category") instanceof String category
                ? Optional.of(category)
                : Optional.empty();
    }

    /// How answers become figures.
    ///
    /// @param version of the task
    /// @param tags the tags it can be chosen by
    /// @param grader the twin that grades samples instead of the usual way
    public record Grading(
            List<FilterSpec> filters,
            List<MetricSpec> metrics,
            Object version,
            Set<String> tags,
            Optional<String> grader) {}
}
