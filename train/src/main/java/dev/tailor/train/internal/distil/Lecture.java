package dev.tailor.train.internal.distil;

import dev.tailor.torch.ScoredStates;
import dev.tailor.train.distillation.TeacherDistribution;

import java.util.Optional;
import java.util.function.IntFunction;

/// What a teacher says of a batch.
///
/// @param states of a teacher that has read it
/// @param listed the likeliest tokens at a position of the batch, where there are no states
public record Lecture(Optional<ScoredStates> states, IntFunction<TeacherDistribution> listed)
        implements AutoCloseable {
    @Override
    public void close() {
        states.ifPresent(ScoredStates::close);
    }
}
