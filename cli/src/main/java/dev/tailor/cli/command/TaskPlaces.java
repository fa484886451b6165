package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.Yaml;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where task files and their data are.
final class TaskPlaces {
    @Option(
            names = "--include-path",
            paramLabel = "DIR",
            description =
                    "Find task files (.yaml) below this directory; may be given several times.")
    private List<Path> directories = List.of();

    @Option(
            names = "--data-map",
            paramLabel = "FILE.yaml",
            description = "Names of tasks or data sets with their files, as many --data.")
    private @Nullable Path map;

    List<Path> directories() {
        return directories;
    }

    /// The files that the map names, relative to it, and those that were named one by one, which
    /// win.
    Map<String, Path> data(Map<String, Path> named) {
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
