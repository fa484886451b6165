package dev.tailor.train.internal.loop;

import dev.tailor.torch.Projection;

import java.util.Optional;

/// A hidden state of the student and the teacher's that it is compared with.
///
/// @param projection from the student's width to the teacher's
record ComparedStates(int student, int teacher, Optional<Projection> projection) {}
