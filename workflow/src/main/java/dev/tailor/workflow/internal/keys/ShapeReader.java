package dev.tailor.workflow.internal.keys;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads YAML by a `Shape`. Every failure is `CONFIG_INVALID` at the line and column it concerns.
public final class ShapeReader {
    private ShapeReader() {}

    /// Reads a mapping: unknown keys first, then each key's value, then the defaults.
    public static Values read(Shape shape, YamlNode node) {
        MappingReader reader = MappingReader.of(node, shape.name());
        shape.keys().forEach(key -> reader.has(key.name()));
        reader.finish();
        Values values = new Values(node.location());
        for (Key key : shape.keys()) {
            Optional<YamlNode> given = reader.node(key.name());
            if (given.isPresent()) {
                places(values, key.name(), given.get());
                values.put(key.name(), read(key.type(), given.get(), "'" + key.name() + "'"));
                continue;
            }
            switch (key.standard()) {
                case Standard.Required() -> {
                    YamlNode missing = reader.required(key.name());
                    throw new IllegalStateException("present after all: " + missing);
                }
                case Standard.Absent() -> {}
                case Standard.Fixed(Object value) ->
                        values.put(key.name(), standard(key.type(), value, node));
                case Standard.Derived(String d, Standard.Rule rule) ->
                        values.put(key.name(), rule.value(values));
            }
        }
        return values;
    }

    /// Remembers where a value stands, as `key`, and its entries, as `key.name` and `key[0]`.
    private static void places(Values values, String key, YamlNode node) {
        values.given(key, node.location());
        switch (node) {
            case YamlNode.Mapping mapping ->
                    mapping.entries()
                            .forEach((name, entry) ->
                                    values.given(key + "." + name, entry.value().location()));
            case YamlNode.Sequence sequence -> {
                for (int i = 0; i < sequence.items().size(); i++) {
                    values.given(key + "[" + i + "]", sequence.items().get(i).location());
                }
            }
            case YamlNode.Scalar scalar -> values.given(key + "[0]", scalar.location());
        }
    }

    /// The values of a shape of which nothing was given.
    public static Values defaults(Shape shape, YamlNode place) {
        return read(shape, new YamlNode.Mapping(place.location(), Map.of()));
    }

    /// A nested mapping's default is its own keys' defaults; a variant's is named by its word.
    private static Object standard(KeyType type, Object value, YamlNode place) {
        return switch (type) {
            case KeyType.Nested(Shape shape) -> defaults(shape, place);
            case KeyType.Variants(Map<String, Shape> shapes) ->
                    read(type, word(value.toString(), place.location()), "default");
            case KeyType.Weights words ->
                    read(words, word(value.toString(), place.location()), "default");
            default -> value;
        };
    }

    private static Object read(KeyType type, YamlNode node, String name) {
        return switch (type) {
            case KeyType.Text(String meaning) -> text(node, name, meaning);
            case KeyType.Pattern pattern -> pattern(pattern, node, name);
            case KeyType.Whole range -> whole(range, node, name);
            case KeyType.Real(KeyType.Range range) -> real(range, node, name);
            case KeyType.Flag() -> flag(node, name);
            case KeyType.Choice(List<String> words) -> choice(words, node, name);
            case KeyType.Items(KeyType item) -> items(item, node, name);
            case KeyType.Entries(KeyType value) -> entries(value, node, name);
            case KeyType.Nested(Shape shape) -> read(shape, node);
            case KeyType.Variants(Map<String, Shape> shapes) -> variant(shapes, node, name);
            case KeyType.Weights(List<String> words) -> weights(words, node, name);
            case KeyType.Free(String meaning) -> node;
        };
    }

    private static String text(YamlNode node, String name, String meaning) {
        if (node instanceof YamlNode.Scalar scalar && scalar.value() != null) {
            return scalar.text();
        }
        throw mismatch(node, name, meaning);
    }

    private static String pattern(KeyType.Pattern pattern, YamlNode node, String name) {
        String text = text(node, name, pattern.meaning());
        if (!text.matches(pattern.regex())) {
            throw mismatch(node, name, pattern.meaning());
        }
        return text;
    }

    private static Long whole(KeyType.Whole range, YamlNode node, String name) {
        if (!(node instanceof YamlNode.Scalar scalar)
                || !(scalar.value() instanceof Number number)
                || number.doubleValue() != Math.rint(number.doubleValue())) {
            throw mismatch(node, name, "a whole number");
        }
        long value = number.longValue();
        if (value < range.minimum() || value > range.maximum()) {
            String limits =
                    range.minimum() == range.maximum()
                            ? "" + range.minimum()
                            : range.maximum() == Long.MAX_VALUE
                                    ? "at least " + range.minimum()
                                    : "from " + range.minimum() + " to " + range.maximum();
            throw invalid(node.location(), name + " must be " + limits + ", not " + scalar.text());
        }
        return value;
    }

    private static Double real(KeyType.Range range, YamlNode node, String name) {
        double value =
                node instanceof YamlNode.Scalar scalar && scalar.value() instanceof Number number
                        ? number.doubleValue()
                        : Double.NaN;
        if (Double.isNaN(value)) {
            throw mismatch(node, name, "a number");
        }
        if (!range.contains(value)) {
            throw mismatch(node, name, range.toString());
        }
        return value;
    }

    private static Boolean flag(YamlNode node, String name) {
        if (node instanceof YamlNode.Scalar scalar && scalar.value() instanceof Boolean value) {
            return value;
        }
        throw mismatch(node, name, "true or false");
    }

    private static String choice(List<String> words, YamlNode node, String name) {
        String text = text(node, name, "one of " + String.join(", ", words));
        if (!words.contains(text)) {
            throw invalid(node.location(), name + " cannot be '" + text + "'")
                    .remedy(Suggestion.advice(text, words));
        }
        return text;
    }

    private static List<Object> items(KeyType item, YamlNode node, String name) {
        List<YamlNode> nodes =
                node instanceof YamlNode.Sequence sequence ? sequence.items() : List.of(node);
        if (nodes.isEmpty()) {
            throw invalid(node.location(), name + " is empty");
        }
        List<Object> items = new ArrayList<>();
        for (YamlNode element : nodes) {
            items.add(read(item, element, "an entry of " + name));
        }
        return List.copyOf(items);
    }

    private static Map<String, Object> entries(KeyType type, YamlNode node, String name) {
        MappingReader reader = MappingReader.of(node, name);
        Map<String, Object> entries = new LinkedHashMap<>();
        for (String key : reader.keys()) {
            entries.put(key, read(type, reader.required(key), "'" + key + "'"));
        }
        return entries;
    }

    private static Weights weights(List<String> words, YamlNode node, String name) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            return new Weights(Map.of(choice(words, node, name), 1.0));
        }
        if (mapping.entries().isEmpty()) {
            throw invalid(node.location(), name + " is empty");
        }
        Map<String, Double> weights = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, entry) ->
                        weights.put(
                                choice(words, word(key, entry.keyLocation()), name),
                                real(
                                        KeyType.Range.above(0),
                                        entry.value(),
                                        "the weight of '" + key + "'")));
        return new Weights(weights);
    }

    private static Variant variant(Map<String, Shape> shapes, YamlNode node, String name) {
        List<String> words = List.copyOf(shapes.keySet());
        if (node instanceof YamlNode.Mapping mapping) {
            if (mapping.entries().size() != 1) {
                throw invalid(
                        node.location(), name + " must name one of " + String.join(", ", words));
            }
            var entry = mapping.entries().entrySet().iterator().next();
            YamlNode word = word(entry.getKey(), entry.getValue().keyLocation());
            Shape shape = shape(shapes, words, word, name);
            YamlNode body = entry.getValue().value();
            boolean empty = body instanceof YamlNode.Scalar scalar && scalar.value() == null;
            return new Variant(entry.getKey(), empty ? defaults(shape, body) : read(shape, body));
        }
        Shape shape = shape(shapes, words, node, name);
        return new Variant(((YamlNode.Scalar) node).text(), defaults(shape, node));
    }

    private static Shape shape(
            Map<String, Shape> shapes, List<String> words, YamlNode word, String name) {
        Shape shape = shapes.get(choice(words, word, name));
        if (shape == null) {
            throw new IllegalStateException("no shape for " + word);
        }
        return shape;
    }

    private static YamlNode word(String text, dev.tailor.core.Location place) {
        return new YamlNode.Scalar(place, text, text);
    }

    private static TailorException mismatch(YamlNode node, String name, String expected) {
        String found =
                node instanceof YamlNode.Scalar scalar ? "'" + scalar.text() + "'" : node.kind();
        return invalid(node.location(), name + " must be " + expected + ", not " + found);
    }
}
