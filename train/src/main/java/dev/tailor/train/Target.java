package dev.tailor.train;

/// Where a training stage is to run.
public sealed interface Target {
    /// Bytes of memory there are.
    long memoryBytes();

    /// The processors of this machine.
    ///
    /// @param measureSpeed whether to spend some seconds on timing
    record Here(long memoryBytes, boolean measureSpeed) implements Target {}

    /// A graphics card that is not at hand: memory and time are computed, nothing is measured.
    record Card(Device device) implements Target {
        @Override
        public long memoryBytes() {
            return device.memoryBytes();
        }
    }
}
