package dev.tailor.torch.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.VectorApi;
import dev.tailor.torch.ComputeDevice;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Loads libtorch and turns its failures into ours.
public final class Native {
    private static final AtomicReference<ComputeDevice> DEVICE =
            new AtomicReference<>(ComputeDevice.CPU);

    private Native() {}

    /// The library, loaded when first asked for: asking JavaCPP each time costs more than many an
    /// operation.
    private static final class Library {
        static final Optional<Throwable> FAILURE = load();

        private static Optional<Throwable> load() {
            try {
                Loader.load(torch.class);
                return Optional.empty();
            } catch (LinkageError | RuntimeException e) {
                return Optional.of(e);
            }
        }
    }

    /// Loads the library; the second call costs nothing.
    public static void load() {
        // The kernels beside the library need it.
        VectorApi.require();
        if (Library.FAILURE.isPresent()) {
            Throwable failure = Library.FAILURE.get();
            throw TailorException.of(
                            ErrorCode.DEVICE_UNAVAILABLE,
                            "libtorch cannot be loaded on this machine ("
                                    + Loader.getPlatform()
                                    + "): "
                                    + firstLine(failure))
                    .remedy(
                            "training and generation need libtorch; merging, quantising,"
                                    + " tokenising and GGUF export work without it")
                    .causedBy(failure);
        }
    }

    /// Sets the threads of one operation.
    public static void threads(int count) {
        if (count < 1) {
            throw TailorException.of(ErrorCode.USAGE, "cannot compute with " + count + " threads");
        }
        load();
        torch.set_num_threads(count);
    }

    /// The threads of one operation.
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /// Where models compute from here on.
    public static void device(ComputeDevice where) {
        load();
        if (where == ComputeDevice.CUDA) {
            Context context = torch.globalContext();
            // Sums of gradients in a fixed order; what that lacks is refused by libtorch.
            context.setDeterministicAlgorithms(true, true);
            context.setDeterministicFillUninitializedMemory(false);
        }
        DEVICE.set(where);
    }

    /// Where models compute.
    public static ComputeDevice device() {
        return Objects.requireNonNull(DEVICE.get());
    }

    /// Whether layers compute by libtorch's operators rather than by kernels that need the
    /// processor's memory.
    public static boolean byOperators() {
        return device() != ComputeDevice.CPU;
    }

    /// Whether libtorch has CUDA and finds a card.
    public static boolean reachesCuda() {
        load();
        return torch.cuda_is_available();
    }

    /// Version and features.
    public static String description() {
        load();
        return "libtorch 2.10.0, " + torch.get_cpu_capability().getString();
    }

    static String firstLine(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse(e.toString());
    }
}
