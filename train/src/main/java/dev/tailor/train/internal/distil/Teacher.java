package dev.tailor.train.internal.distil;

import dev.tailor.train.internal.batch.MicroBatch;

/// A teacher of one data set.
public sealed interface Teacher permits OnlineTeacher, StoredTeacher {
    /// What it says of a batch; close that when it has been heard.
    Lecture of(MicroBatch batch);

    /// Tokens that it and the student both have.
    int shared();
}
