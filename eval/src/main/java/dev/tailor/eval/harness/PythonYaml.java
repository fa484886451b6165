package dev.tailor.eval.harness;

import dev.tailor.core.yaml.MappingReader;

import java.util.Locale;
import java.util.Optional;

/// Where task files rely on the YAML 1.1 of Python: `True`, `False`, `yes` and `no` are truth
/// values.
final class PythonYaml {
    private PythonYaml() {}

    /// A truth value, however it is written.
    static Optional<Boolean> truth(MappingReader reader, String key) {
        return switch (reader.text(key).orElse("").toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> Optional.of(true);
            case "false", "no", "off" -> Optional.of(false);
            default -> reader.bool(key);
        };
    }
}
