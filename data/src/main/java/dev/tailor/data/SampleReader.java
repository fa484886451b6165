package dev.tailor.data;

import org.jspecify.annotations.Nullable;

/// Reads the samples of a data set one at a time, in their order.
public interface SampleReader extends AutoCloseable {
    /// The next sample, or `null` at the end.
    ///
    /// @throws dev.tailor.core.TailorException `DATA_INVALID` if a file is not what it says
    @Nullable Sample next();

    @Override
    void close();
}
