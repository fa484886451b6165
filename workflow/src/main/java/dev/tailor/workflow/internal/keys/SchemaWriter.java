package dev.tailor.workflow.internal.keys;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes shapes as JSON Schema (draft 2020-12), as plain maps for a JSON writer. Shapes become
/// entries of `$defs`, so that an editor shows each once.
public final class SchemaWriter {
    private final Map<String, Object> definitions = new TreeMap<>();

    /// The schema of one shape; those it names are collected in `definitions()`.
    public Map<String, Object> object(Shape shape) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Key key : shape.keys()) {
            properties.put(key.name(), property(key));
            if (key.standard() instanceof Standard.Required) {
                required.add(key.name());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("description", shape.doc());
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
        return schema;
    }

    /// A reference to a shape in `$defs`.
    public Map<String, Object> reference(Shape shape) {
        if (!definitions.containsKey(shape.id())) {
            definitions.put(shape.id(), Map.of());
            definitions.put(shape.id(), object(shape));
        }
        return Map.of("$ref", "#/$defs/" + shape.id());
    }

    /// A mapping with exactly one entry, whose name says which shape its value has.
    public Map<String, Object> tagged(Map<String, Shape> shapes, boolean nameAlone) {
        List<Object> choices = new ArrayList<>();
        if (nameAlone) {
            choices.add(Map.of("enum", List.copyOf(shapes.keySet())));
        }
        shapes.forEach((name, shape) -> {
            Map<String, Object> choice = new LinkedHashMap<>();
            choice.put("type", "object");
            choice.put("properties", Map.of(name, reference(shape)));
            choice.put("required", List.of(name));
            choice.put("additionalProperties", false);
            choices.add(choice);
        });
        return Map.of("oneOf", choices);
    }

    /// Every shape referred to so far, by id.
    public Map<String, Object> definitions() {
        return definitions;
    }

    private Map<String, Object> property(Key key) {
        Map<String, Object> schema = new LinkedHashMap<>(type(key.type()));
        schema.put("description", key.doc() + suffix(key.standard()));
        if (key.standard() instanceof Standard.Fixed(Object value)) {
            schema.put("default", value);
        }
        return schema;
    }

    private static String suffix(Standard standard) {
        return standard instanceof Standard.Derived(String rule, Standard.Rule r)
                ? " Default: " + rule + "."
                : "";
    }

    private Map<String, Object> type(KeyType type) {
        return switch (type) {
            case KeyType.Text(String meaning) -> Map.of("type", "string");
            case KeyType.Pattern(String regex, String meaning) ->
                    ordered("type", "string", "pattern", "^(?:" + regex + ")$");
            case KeyType.Whole(long minimum, long maximum) -> {
                Map<String, Object> schema = ordered("type", "integer", "minimum", minimum);
                if (maximum != Long.MAX_VALUE) {
                    schema.put("maximum", maximum);
                }
                yield schema;
            }
            case KeyType.Real(KeyType.Range range) -> number(range);
            case KeyType.Flag() -> Map.of("type", "boolean");
            case KeyType.Choice(List<String> words) -> Map.of("enum", words);
            case KeyType.Items(KeyType item) -> {
                Map<String, Object> single = type(item);
                Map<String, Object> list = ordered("type", "array", "items", single);
                list.put("minItems", 1);
                yield Map.of("anyOf", List.of(list, single));
            }
            case KeyType.Entries(KeyType value) ->
                    ordered("type", "object", "additionalProperties", type(value));
            case KeyType.Nested(Shape shape) -> reference(shape);
            case KeyType.Variants(Map<String, Shape> shapes) -> tagged(shapes, true);
            case KeyType.Weights(List<String> words) -> weights(words);
            case KeyType.Free(String meaning) -> Map.of();
        };
    }

    private static Map<String, Object> weights(List<String> words) {
        Map<String, Object> properties = new LinkedHashMap<>();
        words.forEach(word -> properties.put(word, number(KeyType.Range.above(0))));
        Map<String, Object> several = ordered("type", "object", "properties", properties);
        several.put("minProperties", 1);
        several.put("additionalProperties", false);
        return Map.of("oneOf", List.of(Map.of("enum", words), several));
    }

    private static Map<String, Object> number(KeyType.Range range) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "number");
        schema.put(range.minimumIncluded() ? "minimum" : "exclusiveMinimum", range.minimum());
        if (!Double.isInfinite(range.maximum())) {
            schema.put(range.maximumIncluded() ? "maximum" : "exclusiveMaximum", range.maximum());
        }
        return schema;
    }

    private static Map<String, Object> ordered(String k1, Object v1, String k2, Object v2) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(k1, v1);
        map.put(k2, v2);
        return map;
    }
}
