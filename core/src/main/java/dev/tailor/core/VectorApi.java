package dev.tailor.core;

import java.lang.reflect.InvocationTargetException;

/// Whether this virtual machine has the Vector API (`jdk.incubator.vector`). Its module is loaded
/// when it is first asked for, as the JDK itself loads modules for agents: named on the command
/// line instead, it would cost a warning and a tenth of a second at every start, also of commands
/// that compute nothing.
///
/// Needs `--add-exports=java.base/jdk.internal.module=ALL-UNNAMED`, which the launcher gives.
/// Without it, and without `--add-modules=jdk.incubator.vector`, kernels fall back to their scalar
/// twins, where they have one: slower, with equal results.
public final class VectorApi {
    /// The system property that, set to `true`, makes it unavailable.
    public static final String OFF = "tailor.vectors.off";

    private static final String MODULE = "jdk.incubator.vector";

    private VectorApi() {}

    /// Whether its classes can be loaded.
    public static boolean isAvailable() {
        return Loaded.IS;
    }

    /// For code that has no scalar twin.
    ///
    /// @throws TailorException DEVICE_UNAVAILABLE where it is not available
    public static void require() {
        if (!isAvailable()) {
            throw TailorException.of(
                            ErrorCode.DEVICE_UNAVAILABLE,
                            "this Java runs without its module " + MODULE)
                    .remedy("start it with --add-modules=" + MODULE);
        }
    }

    private static final class Loaded {
        static final boolean IS = !Boolean.getBoolean(OFF) && (isThere() || isThereNow());

        private static boolean isThere() {
            try {
                Class.forName(MODULE + ".Vector", false, VectorApi.class.getClassLoader());
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }

        private static boolean isThereNow() {
            try {
                Class.forName("jdk.internal.module.Modules")
                        .getMethod("loadModule", String.class)
                        .invoke(null, MODULE);
                return isThere();
            } catch (ClassNotFoundException
                    | NoSuchMethodException
                    | IllegalAccessException
                    | InvocationTargetException e) {
                return false;
            }
        }
    }
}
