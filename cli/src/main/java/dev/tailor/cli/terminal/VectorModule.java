package dev.tailor.cli.terminal;

import dev.tailor.core.VectorApi;

import java.lang.reflect.InvocationTargetException;

/// Loads the module of the Vector API (`jdk.incubator.vector`) into the running JVM, as the JDK
/// itself loads modules for agents. Named on the command line instead, it would cost a warning and
/// a tenth of a second at every start, also of commands that compute nothing.
///
/// Needs `--add-exports=java.base/jdk.internal.module=ALL-UNNAMED`, which the launcher gives.
/// Without it, and without `--add-modules=jdk.incubator.vector`, kernels fall back to their scalar
/// twins: slower, with equal results.
public final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Makes the module available if it is not yet.
    ///
    /// @return whether it is
    public static boolean load() {
        if (VectorApi.isAvailable()) {
            return true;
        }
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            return VectorApi.isAvailable();
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            return false;
        }
    }
}
