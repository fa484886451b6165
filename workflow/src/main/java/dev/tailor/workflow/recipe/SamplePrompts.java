package dev.tailor.workflow.recipe;

import java.util.List;

/// Prompts that a stage answers while it trains.
///
/// @param prompts what is asked
/// @param asChat whether the chat template is applied to them
/// @param every steps between answers
/// @param maxTokens tokens of an answer at most
public record SamplePrompts(List<String> prompts, boolean asChat, int every, int maxTokens) {}
