package dev.tailor.core.yaml;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads YAML into nodes that know their place. Only data: no tags construct objects.
public final class Yaml {
    /// Recipes and merge files are small; a larger one is a mistake or an attack.
    private static final int MAX_CODE_POINTS = 8 << 20;

    private static final int MAX_DEPTH = 60;

    private Yaml() {}

    /// Reads a file that holds exactly one document.
    public static YamlNode read(Path file) {
        return single(file, text(file));
    }

    /// Reads a file of a tool that does not mind keys which stand twice: the last one counts.
    public static YamlNode readLoosely(Path file) {
        return single(file, parse(file, text(file), true));
    }

    /// Parses text that holds exactly one document; `file` is only named in messages.
    public static YamlNode single(Path file, String text) {
        return single(file, parse(file, text));
    }

    private static YamlNode single(Path file, List<YamlNode> documents) {
        if (documents.size() != 1) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "expected one YAML document, found " + documents.size())
                    .at(file);
        }
        return documents.getFirst();
    }

    /// Reads every document of a file.
    public static List<YamlNode> readAll(Path file) {
        return parse(file, text(file));
    }

    /// The text of a file, to be parsed.
    ///
    /// Throws [TailorException] with [ErrorCode#FILE_NOT_FOUND].
    public static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// Parses text; `file` is only named in messages.
    public static List<YamlNode> parse(Path file, String text) {
        return parse(file, text, false);
    }

    private static List<YamlNode> parse(Path file, String text, boolean keysMayRepeat) {
        LoadSettings settings =
                LoadSettings.builder()
                        .setLabel(file.toString())
                        .setUseMarks(true)
                        .setAllowDuplicateKeys(keysMayRepeat)
                        .setCodePointLimit(MAX_CODE_POINTS)
                        .setMaxAliasesForCollections(100)
                        .build();
        List<YamlNode> documents = new ArrayList<>();
        try {
            for (Node node : new Compose(settings).composeAllFromString(text)) {
                documents.add(new Converter(file, keysMayRepeat).convert(node, 0));
            }
        } catch (MarkedYamlEngineException e) {
            Location place =
                    e.getProblemMark()
                            .map(mark -> location(file, mark))
                            .orElse(new Location(file, 0, 0));
            throw TailorException.of(ErrorCode.CONFIG_INVALID, "not valid YAML: " + e.getProblem())
                    .at(place)
                    .causedBy(e);
        } catch (YamlEngineException e) {
            throw TailorException.of(ErrorCode.CONFIG_INVALID, "not valid YAML: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
        return documents;
    }

    private static Location location(Path file, Mark mark) {
        return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    /// Turns the library's nodes into ours; aliases are expanded within a bound.
    private static final class Converter {
        private static final int MAX_NODES = 200_000;

        private final Path file;
        private final boolean keysMayRepeat;
        private int nodes;

        Converter(Path file, boolean keysMayRepeat) {
            this.file = file;
            this.keysMayRepeat = keysMayRepeat;
        }

        YamlNode convert(Node node, int depth) {
            Location place =
                    node.getStartMark()
                            .map(mark -> location(file, mark))
                            .orElse(new Location(file, 0, 0));
            if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID, "the YAML is too deep or too large")
                        .at(place);
            }
            return switch (node) {
                case AnchorNode anchor -> convert(anchor.getRealNode(), depth + 1);
                case ScalarNode scalar ->
                        new YamlNode.Scalar(place, value(scalar), scalar.getValue());
                case SequenceNode sequence ->
                        new YamlNode.Sequence(
                                place,
                                sequence.getValue().stream()
                                        .map(item -> convert(item, depth + 1))
                                        .toList());
                case MappingNode mapping -> mapping(mapping, place, depth);
                default -> throw new IllegalStateException("unknown node " + node.getNodeType());
            };
        }

        private YamlNode.Mapping mapping(MappingNode mapping, Location place, int depth) {
            Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                YamlNode key = convert(tuple.getKeyNode(), depth + 1);
                if (!(key instanceof YamlNode.Scalar scalar)) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID,
                                    "a key must be text, not " + key.kind())
                            .at(key.location());
                }
                YamlNode.Entry entry =
                        new YamlNode.Entry(
                                key.location(), convert(tuple.getValueNode(), depth + 1));
                if (entries.put(scalar.text(), entry) != null && !keysMayRepeat) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID,
                                    "the key '" + scalar.text() + "' stands twice")
                            .at(key.location());
                }
            }
            return new YamlNode.Mapping(place, entries);
        }

        private static @Nullable Object value(ScalarNode scalar) {
            String text = scalar.getValue();
            Tag tag = scalar.getTag();
            if (tag.equals(Tag.NULL)) {
                return null;
            }
            if (tag.equals(Tag.BOOL)) {
                return Boolean.valueOf(text);
            }
            if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
                return number(text).orElse(text);
            }
            if (tag.getValue().startsWith("!")) {
                return new YamlNode.Tagged(tag.getValue(), text);
            }
            // YAML 1.1 tools read 2e-4 as text, people write it as a number: so do we.
            return scalar.isPlain() && text.matches("[-+]?[0-9]+[eE][-+]?[0-9]+")
                    ? Double.valueOf(text)
                    : text;
        }

        private static Optional<Object> number(String text) {
            try {
                if (text.startsWith("0x")) {
                    return Optional.of(Long.parseLong(text.substring(2), 16));
                }
                if (text.startsWith("0o")) {
                    return Optional.of(Long.parseLong(text.substring(2), 8));
                }
                if (text.matches("[-+]?[0-9]+")) {
                    return Optional.of(Long.parseLong(text));
                }
                return Optional.of(
                        switch (text.toLowerCase(java.util.Locale.ROOT)) {
                            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
                            case "-.inf" -> Double.NEGATIVE_INFINITY;
                            case ".nan" -> Double.NaN;
                            default -> Double.parseDouble(text);
                        });
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }
}
