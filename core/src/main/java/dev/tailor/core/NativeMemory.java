package dev.tailor.core;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Native memory for inner loops. A loop over a [MemorySegment] that may be of several kinds (heap,
/// native, mapped) asks the segment for its base at every access and is not made vector code; a
/// loop over [#ALL] is, as its kind is known.
public final class NativeMemory {
    /// All of it, by address. Only for addresses from [#address], while that segment is alive.
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {}

    /// The address of a part of a native segment.
    ///
    /// @throws IndexOutOfBoundsException when the part is not within the segment
    /// @throws IllegalArgumentException when the segment is an array
    /// @throws IllegalStateException when it is not alive any more
    public static long address(MemorySegment memory, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
        if (!memory.isNative()) {
            throw new IllegalArgumentException("an array has no address");
        }
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("memory that was given back");
        }
        return memory.address() + offset;
    }
}
