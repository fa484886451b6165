package dev.tailor.torch;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.NativeHeap;

/// The native library as a whole: loading it, its threads, its memory.
public final class Torch {
    private Torch() {}

    /// Loads the native library if it is not loaded yet (a second or so).
    ///
    /// @throws dev.tailor.core.TailorException DEVICE_UNAVAILABLE where there is none for this
    ///   machine
    public static void load() {
        Native.load();
    }

    /// How many threads one operation may use; at least 1. Results of training are repeatable bit
    /// for bit for the same number of threads.
    public static void threads(int count) {
        Native.threads(count);
    }

    /// How many threads one operation may use now.
    public static int threads() {
        return Native.threads();
    }

    /// Where models compute from here on. Say it before the first one is made.
    ///
    /// @throws dev.tailor.core.TailorException DEVICE_UNAVAILABLE where there is no such device,
    ///   with all that is missing
    public static void device(ComputeDevice device) {
        if (device == ComputeDevice.CUDA) {
            Cuda.here().require();
        }
        Native.device(device);
    }

    /// Where models compute.
    public static ComputeDevice device() {
        return Native.device();
    }

    /// Gives memory that freed tensors left behind back to the system, as far as the C library can.
    /// The next operations must ask the system for theirs anew.
    public static void releaseFreeMemory() {
        NativeHeap.trim();
    }

    /// Version and processor features, for `doctor`.
    public static String description() {
        return Native.description();
    }
}
