package dev.tailor.eval.harness;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// Where a task's examples come from.
///
/// @param count how many, unless the user says otherwise
/// @param split the split they are drawn from; null where the task names none
/// @param sampler `default` draws, `first_n` takes the first
/// @param examples examples that stand in the task file; empty where there are none
/// @param form how an example is written, where it differs from the question
public record Shots(
        int count,
        @Nullable String split,
        String sampler,
        List<Map<String, Object>> examples,
        PromptForm form) {}
