package dev.tailor.workflow.internal.keys;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `--set path=value`: changes a document before it is read. In a list of stages (`- cpt: {id:
/// domain}`) a step of the path names an item by its id.
public final class Overrides {
    private Overrides() {}

    /// The document with one value replaced or added.
    ///
    /// @param setting `stages.domain.epochs=1`; the value is YAML
    public static YamlNode apply(YamlNode document, String setting) {
        int equals = setting.indexOf('=');
        String path = equals < 0 ? setting : setting.substring(0, equals);
        if (equals < 0 || path.isBlank()) {
            throw TailorException.of(
                            ErrorCode.USAGE, "'" + setting + "' is not of the form path=value")
                    .remedy("for example: --set stages.domain.epochs=1");
        }
        Path origin = Path.of("--set " + path);
        YamlNode value = value(origin, setting.substring(equals + 1));
        return replace(document, List.of(path.split("\\.", -1)), value, origin);
    }

    private static YamlNode value(Path origin, String text) {
        List<YamlNode> documents = Yaml.parse(origin, text);
        Location place = new Location(origin, 0, 0);
        return switch (documents.size()) {
            case 0 -> new YamlNode.Scalar(place, null, "");
            case 1 ->
                    documents.getFirst() instanceof YamlNode.Scalar(Location l, Object v, String t)
                            ? new YamlNode.Scalar(place, v, t)
                            : documents.getFirst();
            default -> throw TailorException.of(ErrorCode.USAGE, "not one value").at(origin);
        };
    }

    private static YamlNode replace(YamlNode node, List<String> path, YamlNode value, Path origin) {
        if (path.isEmpty()) {
            return value;
        }
        String step = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        return switch (node) {
            case YamlNode.Mapping mapping -> {
                Map<String, YamlNode.Entry> entries = new LinkedHashMap<>(mapping.entries());
                YamlNode.Entry old = entries.get(step);
                YamlNode child = old == null ? empty(origin) : old.value();
                entries.put(
                        step,
                        new YamlNode.Entry(
                                new Location(origin, 0, 0), replace(child, rest, value, origin)));
                yield new YamlNode.Mapping(mapping.location(), entries);
            }
            case YamlNode.Sequence sequence -> {
                List<YamlNode> items = new ArrayList<>(sequence.items());
                int index = indexOf(items, step, origin);
                items.set(index, replaceItem(items.get(index), rest, value, origin));
                yield new YamlNode.Sequence(sequence.location(), items);
            }
            case YamlNode.Scalar scalar when scalar.value() == null ->
                    replace(empty(origin), path, value, origin);
            case YamlNode.Scalar scalar ->
                    throw TailorException.of(
                                    ErrorCode.USAGE,
                                    "there is no '" + step + "' within '" + scalar.text() + "'")
                            .at(origin);
        };
    }

    /// A tagged item (`cpt: {...}`) is entered through its only entry, unless the path names it.
    private static YamlNode replaceItem(
            YamlNode item, List<String> path, YamlNode value, Path origin) {
        if (item instanceof YamlNode.Mapping mapping && mapping.entries().size() == 1) {
            String tag = mapping.entries().keySet().iterator().next();
            if (path.isEmpty() || !path.getFirst().equals(tag)) {
                List<String> full = new ArrayList<>(List.of(tag));
                full.addAll(path);
                return replace(item, full, value, origin);
            }
        }
        return replace(item, path, value, origin);
    }

    private static int indexOf(List<YamlNode> items, String step, Path origin) {
        if (step.matches("[0-9]{1,6}") && Integer.parseInt(step) < items.size()) {
            return Integer.parseInt(step);
        }
        List<String> ids = new ArrayList<>();
        for (YamlNode item : items) {
            ids.add(id(item).orElse(""));
        }
        int index = ids.indexOf(step);
        if (index < 0) {
            ids.removeIf(String::isEmpty);
            throw TailorException.of(ErrorCode.USAGE, "there is no '" + step + "'")
                    .at(origin)
                    .remedy(Suggestion.advice(step, ids));
        }
        return index;
    }

    private static Optional<String> id(YamlNode item) {
        if (item instanceof YamlNode.Mapping(Location l, Map<String, YamlNode.Entry> outer)
                && outer.size() == 1) {
            Map.Entry<String, YamlNode.Entry> tag = outer.entrySet().iterator().next();
            YamlNode.Entry id =
                    tag.getValue().value() instanceof YamlNode.Mapping body
                            ? body.entries().get("id")
                            : null;
            return Optional.of(
                    id != null && id.value() instanceof YamlNode.Scalar name
                            ? name.text()
                            : tag.getKey());
        }
        return Optional.empty();
    }

    private static YamlNode empty(Path origin) {
        return new YamlNode.Mapping(new Location(origin, 0, 0), Map.of());
    }
}
