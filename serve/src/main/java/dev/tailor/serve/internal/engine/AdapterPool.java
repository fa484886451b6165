package dev.tailor.serve.internal.engine;

import dev.tailor.torch.DecodingSession;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The adapters that clients may ask for, each loaded when it is asked for first.
final class AdapterPool {
    private final DecodingSession session;
    private final Map<String, Path> directories;
    private final Map<String, Integer> numbers = new HashMap<>();

    AdapterPool(DecodingSession session, Map<String, Path> directories) {
        this.session = session;
        this.directories = directories;
    }

    /// The number under which the session knows an adapter; 0 for the empty name.
    ///
    /// @throws dev.tailor.core.TailorException when it cannot be loaded
    int number(String name) {
        if (name.isEmpty()) {
            return 0;
        }
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        Path directory = directories.get(name);
        if (directory == null) {
            throw new IllegalArgumentException("no adapter is called " + name);
        }
        int number = session.addAdapter(directory);
        numbers.put(name, number);
        return number;
    }

    /// How many are loaded.
    int loaded() {
        return numbers.size();
    }
}
