package dev.tailor.core;

/// Whether this virtual machine has the Vector API (`jdk.incubator.vector`): resolved at start
/// (`--add-modules`) or loaded since.
public final class VectorApi {
    private VectorApi() {}

    /// Whether its classes can be loaded.
    public static boolean isAvailable() {
        try {
            Class.forName("jdk.incubator.vector.Vector", false, VectorApi.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
