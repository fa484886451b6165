package dev.tailor.train;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The files of the reference Spectrum tool, in and out: a selection as YAML, scan results as JSON.
/// Axolotl's plug-in reads both.
public final class SpectrumFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String KEY = "unfrozen_parameters";

    private SpectrumFiles() {}

    /// The YAML of a selection: `unfrozen_parameters` with a comment before the modules of a type.
    public static String yaml(SpectrumSelection selection) {
        StringBuilder yaml = new StringBuilder(KEY + ":\n");
        selection.everywhere().forEach(pattern -> yaml.append("- ").append(pattern).append('\n'));
        selection
                .byType()
                .forEach((type, modules) -> {
                    yaml.append("# ").append(type).append(" layers\n");
                    modules.forEach(module -> yaml.append("- ").append(module).append('\n'));
                });
        return yaml.toString();
    }

    /// The JSON of a scan: `{module: {"snr": number, "type": text}}`.
    public static String json(SpectrumScan scan) {
        ObjectNode root = JSON.createObjectNode();
        for (SpectrumScan.Score score : scan.scores()) {
            root.putObject(score.module()).put("snr", score.snr()).put("type", score.type());
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    /// A selection from a file: YAML as it is, or the best `topPercent` of scan results in JSON.
    ///
    /// @throws TailorException `CONFIG_INVALID` if the file is neither
    public static SpectrumSelection selection(Path file, double topPercent) {
        return file.toString().endsWith(".json")
                ? scan(file).selection(topPercent)
                : readYaml(file);
    }

    /// Scan results from a JSON file.
    public static SpectrumScan scan(Path file) {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            List<SpectrumScan.Score> scores = new ArrayList<>();
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                JsonNode snr = entry.getValue().path("snr");
                JsonNode type = entry.getValue().path("type");
                if (!snr.isNumber() && !snr.isString() || !type.isString()) {
                    throw notScan(file, "'" + entry.getKey() + "' has no snr and type");
                }
                scores.add(
                        new SpectrumScan.Score(
                                entry.getKey(), type.asString(), snr.asDouble(Double.NaN)));
            }
            if (scores.isEmpty()) {
                throw notScan(file, "no modules");
            }
            return new SpectrumScan(scores);
        } catch (JacksonException e) {
            throw notScan(file, e.getOriginalMessage()).causedBy(e);
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private static TailorException notScan(Path file, String reason) {
        return TailorException.of(
                        ErrorCode.CONFIG_INVALID, "not the results of a Spectrum scan: " + reason)
                .at(file);
    }

    private static SpectrumSelection readYaml(Path file) {
        if (Yaml.read(file) instanceof YamlNode.Mapping mapping
                && mapping.entries().get(KEY) instanceof YamlNode.Entry entry
                && entry.value() instanceof YamlNode.Sequence list) {
            List<String> patterns = new ArrayList<>();
            for (YamlNode item : list.items()) {
                patterns.add(pattern(item));
            }
            return new SpectrumSelection(patterns, Map.of());
        }
        throw TailorException.of(
                        ErrorCode.CONFIG_INVALID, "not a Spectrum selection: no list " + KEY)
                .at(file)
                .remedy("make one with 'tailor spectrum MODEL --top 25 -o FILE.yaml'");
    }

    private static String pattern(YamlNode item) {
        if (!(item instanceof YamlNode.Scalar scalar)) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "expected a parameter name or pattern, found " + item.kind())
                    .at(item.location());
        }
        try {
            return Pattern.compile(scalar.text()).pattern();
        } catch (PatternSyntaxException e) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "not a regular expression: " + e.getDescription())
                    .at(item.location())
                    .causedBy(e);
        }
    }
}
