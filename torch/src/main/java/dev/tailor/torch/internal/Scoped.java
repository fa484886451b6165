package dev.tailor.torch.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

import java.util.function.Supplier;

/// Bounds the life of native memory: what is made inside a call is freed at its end, unless
/// somebody has retained it ([Kept]). The Java collector never sees how large a native tensor is,
/// so nothing may be left to it.
public final class Scoped {
    private Scoped() {}

    /// Runs work that yields no tensor.
    public static <T> T call(Supplier<T> work) {
        try (PointerScope scope = new PointerScope()) {
            return work.get();
        } catch (RuntimeException e) {
            throw translated(e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(e);
        }
    }

    /// Runs work.
    public static void run(Runnable work) {
        call(() -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    /// Runs work that yields a tensor, which then belongs to the caller's scope.
    public static Tensor tensor(Supplier<Tensor> work) {
        PointerScope outer = PointerScope.getInnerScope();
        if (outer == null) {
            throw new IllegalStateException("a tensor needs a scope to belong to");
        }
        try (PointerScope inner = new PointerScope()) {
            Tensor result = work.get();
            outer.attach(result);
            return result;
        }
    }

    /// libtorch reports everything as a plain RuntimeException whose message ends in a C++ stack.
    private static RuntimeException translated(RuntimeException e) {
        if (e.getClass() != RuntimeException.class) {
            return e;
        }
        String line = Native.firstLine(e);
        if (line.contains("bad_alloc")
                || line.contains("can't allocate memory")
                || line.contains("CUDA out of memory")) {
            return outOfMemory(e);
        }
        return TailorException.of(ErrorCode.INTERNAL, "libtorch: " + line).causedBy(e);
    }

    private static TailorException outOfMemory(Throwable e) {
        return TailorException.of(ErrorCode.OUT_OF_MEMORY, "not enough memory for this step")
                .remedy(
                        "use a smaller batch, a shorter sequence length, bfloat16, LoRA or"
                                + " activations: recompute")
                .causedBy(e);
    }
}
