package dev.tailor.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The few C library calls that Java has no way to make. Where one is missing (Windows), the answer
/// is the cautious one.
final class Libc {
    private static final int STANDARD_ERROR = 2;

    private Libc() {}

    /// Whether standard error is a terminal.
    static boolean standardErrorIsTerminal() {
        try {
            MethodHandle isatty =
                    function(
                            "isatty",
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            return (int) isatty.invokeExact(STANDARD_ERROR) == 1;
        } catch (Throwable e) {
            return false;
        }
    }

    /// Columns of the terminal that standard error is, or `otherwise`.
    static int terminalWidth(int otherwise) {
        boolean mac = System.getProperty("os.name", "").startsWith("Mac");
        long windowSize = mac ? 0x40087468L : 0x5413L; // TIOCGWINSZ
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle ioctl =
                    function(
                            "ioctl",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS),
                            Linker.Option.firstVariadicArg(2));
            // struct winsize: rows, columns, pixels across, pixels down
            MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            int failed = (int) ioctl.invokeExact(STANDARD_ERROR, windowSize, size);
            int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
            return failed == 0 && columns > 0 ? columns : otherwise;
        } catch (Throwable e) {
            return otherwise;
        }
    }

    /// Ends the process without running C++ destructors, which would pull libtorch from under a
    /// thread that is still inside it.
    static void exitNow(int status) {
        try {
            MethodHandle exit = function("_exit", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
            exit.invokeExact(status);
        } catch (Throwable e) {
            Runtime.getRuntime().halt(status);
        }
    }

    private static MethodHandle function(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
    }
}
