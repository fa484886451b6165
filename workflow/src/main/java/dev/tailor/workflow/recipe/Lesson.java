package dev.tailor.workflow.recipe;

import dev.tailor.train.Objective;
import dev.tailor.train.TrainSettings;
import dev.tailor.train.Tuning;

import java.util.List;
import java.util.Optional;

/// What a training stage starts from, learns, and how.
///
/// @param data the data sets to learn from, by name
/// @param evaluation held-out data, by name
/// @param samples prompts to answer on the way
public record Lesson(
        ModelReference from,
        List<String> data,
        Optional<String> evaluation,
        Objective objective,
        Tuning tuning,
        TrainSettings settings,
        long seed,
        Optional<SamplePrompts> samples) {}
