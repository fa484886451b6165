package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.Yaml;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Reads `--data-map FILE.yaml`: names with their files, relative to it.
final class DataMap {
    private DataMap() {}

    /// The files of the map and those that were named one by one, which win.
    static Map<String, Path> places(@Nullable Path map, Map<String, Path> named) {
        Map<String, Path> places = new HashMap<>();
        if (map != null) {
            MappingReader reader = MappingReader.of(Yaml.read(map), "a data map");
            for (String name : reader.keys()) {
                String file = reader.text(name).orElse("");
                if (file.isEmpty()) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID, "'" + name + "' names no file")
                            .at(reader.valueLocation(name));
                }
                places.put(name, map.resolveSibling(file));
            }
        }
        places.putAll(named);
        return places;
    }
}
