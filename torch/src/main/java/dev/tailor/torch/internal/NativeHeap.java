package dev.tailor.torch.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The C library's heap, which libtorch's tensors live in.
public final class NativeHeap {
    /// glibc's own; other C libraries return memory by themselves.
    private static final Optional<MethodHandle> TRIM =
            Linker.nativeLinker()
                    .defaultLookup()
                    .find("malloc_trim")
                    .map(symbol ->
                            Linker.nativeLinker()
                                    .downcallHandle(
                                            symbol, FunctionDescriptor.of(JAVA_INT, JAVA_LONG)));

    private NativeHeap() {}

    /// Returns every page that is free to the system, also those between blocks in use. Does
    /// nothing where the C library has no such call.
    public static void trim() {
        if (TRIM.isEmpty()) {
            return;
        }
        try {
            int returnedSome = (int) TRIM.get().invokeExact(0L);
        } catch (Throwable e) {
            throw new IllegalStateException("malloc_trim cannot be called", e);
        }
    }
}
