package dev.tailor.torch.internal.nn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory in which one quantised weight after another becomes numbers: allocating it anew for each
/// product would leave the heap full of holes. What it holds is good until the next weight's turn.
public final class Scratch implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment space;

    /// Room for the largest weight.
    public Scratch(long bytes) {
        space = arena.allocate(bytes, ALIGNMENT);
    }

    /// So many bytes; what was there before is gone.
    MemorySegment bytes(long count) {
        return space.asSlice(0, count);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
