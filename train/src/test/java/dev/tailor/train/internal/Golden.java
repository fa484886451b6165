package dev.tailor.train.internal;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/// The golden files of this module's tests.
public final class Golden {
    public static final Path LLAMA = file("llama/config.json").getParent();

    /// The same shape, other weights.
    public static final Path LLAMA_REF = file("llama_ref/config.json").getParent();

    private Golden() {}

    public static Path file(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(Golden.class.getResource("/golden/" + name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
