package dev.tailor.eval;

import java.util.List;

/// What one model reached in every task it was given.
public record ModelResult(String model, List<TaskResult> tasks) {}
