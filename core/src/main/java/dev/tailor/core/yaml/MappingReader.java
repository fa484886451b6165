package dev.tailor.core.yaml;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// Reads a mapping key by key and, at the end, refuses what nobody asked for.
///
/// ```java
/// var reader = MappingReader.of(node, "a stage");
/// String id = reader.text("id").orElse("train");
/// double rate = reader.number("learning-rate").orElse(2e-4);
/// reader.finish();   // an unknown key fails here, with its line and the nearest known key
/// ```
public final class MappingReader {
    private final YamlNode.Mapping mapping;
    private final String what;
    private final Set<String> asked = new LinkedHashSet<>();

    private MappingReader(YamlNode.Mapping mapping, String what) {
        this.mapping = mapping;
        this.what = what;
    }

    /// Reads `node`, which must be a mapping; `what` names it in messages ("the recipe", "a
    /// stage").
    public static MappingReader of(YamlNode node, String what) {
        if (node instanceof YamlNode.Mapping mapping) {
            return new MappingReader(mapping, what);
        }
        throw invalid(node.location(), what + " must be a mapping, not " + node.kind());
    }

    /// Where the mapping begins.
    public Location location() {
        return mapping.location();
    }

    /// Whether the key is there (its value may be empty).
    public boolean has(String key) {
        asked.add(key);
        return mapping.entries().containsKey(key);
    }

    /// The value of a key, whatever it is. An empty value counts as absent.
    public Optional<YamlNode> node(String key) {
        asked.add(key);
        YamlNode.Entry entry = mapping.entries().get(key);
        if (entry == null || (entry.value() instanceof YamlNode.Scalar s && s.value() == null)) {
            return Optional.empty();
        }
        return Optional.of(entry.value());
    }

    /// The value of a key that must be there.
    public YamlNode required(String key) {
        return node(key).orElseThrow(() -> invalid(location(), what + " needs '" + key + "'"));
    }

    /// Text; numbers and booleans are taken as they are written.
    public Optional<String> text(String key) {
        return node(key).map(node -> text(node, "'" + key + "'"));
    }

    /// A whole number.
    public OptionalLong integer(String key) {
        Optional<YamlNode> node = node(key);
        if (node.isEmpty()) {
            return OptionalLong.empty();
        }
        if (node.get() instanceof YamlNode.Scalar(Location l, Long value, String t)) {
            return OptionalLong.of(value);
        }
        if (node.get() instanceof YamlNode.Scalar(Location l, Double value, String t)
                && value == Math.rint(value)
                && Math.abs(value) < 1e15) {
            return OptionalLong.of(value.longValue());
        }
        throw mismatch(node.get(), "'" + key + "'", "a whole number");
    }

    /// A number.
    public OptionalDouble number(String key) {
        Optional<YamlNode> node = node(key);
        return node.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(number(node.get(), "'" + key + "'"));
    }

    /// True or false.
    public Optional<Boolean> bool(String key) {
        return node(key)
                .map(node -> {
                    if (node instanceof YamlNode.Scalar(Location l, Boolean value, String t)) {
                        return value;
                    }
                    throw mismatch(node, "'" + key + "'", "true or false");
                });
    }

    /// A list of anything; a single value counts as a list of one.
    public List<YamlNode> list(String key) {
        return node(key)
                .map(node -> node instanceof YamlNode.Sequence s ? s.items() : List.of(node))
                .orElse(List.of());
    }

    /// A list of text; a single text counts as a list of one.
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (YamlNode item : list(key)) {
            texts.add(text(item, "'" + key + "'"));
        }
        return texts;
    }

    /// A mapping to read in turn.
    public Optional<MappingReader> mapping(String key) {
        return node(key).map(node -> of(node, "'" + key + "'"));
    }

    /// All keys of the mapping in file order; they count as asked for.
    public List<String> keys() {
        asked.addAll(mapping.entries().keySet());
        return List.copyOf(mapping.entries().keySet());
    }

    /// Where a key stands.
    public Location keyLocation(String key) {
        YamlNode.Entry entry = mapping.entries().get(key);
        return entry == null ? location() : entry.keyLocation();
    }

    /// Where a key's value stands, or the mapping if the key is absent.
    public Location valueLocation(String key) {
        YamlNode.Entry entry = mapping.entries().get(key);
        return entry == null ? location() : entry.value().location();
    }

    /// Fails at the first key that was never asked for.
    public void finish() {
        for (String key : mapping.entries().keySet()) {
            if (!asked.contains(key)) {
                throw invalid(keyLocation(key), "unknown key '" + key + "' in " + what)
                        .remedy(Suggestion.advice(key, asked));
            }
        }
    }

    /// The text of a scalar; `name` says in messages what it is.
    public static String text(YamlNode node, String name) {
        if (node instanceof YamlNode.Scalar scalar && scalar.value() != null) {
            return scalar.text();
        }
        throw mismatch(node, name, "text");
    }

    /// The number of a scalar.
    public static double number(YamlNode node, String name) {
        if (node instanceof YamlNode.Scalar(Location l, Number value, String t)) {
            return value.doubleValue();
        }
        throw mismatch(node, name, "a number");
    }

    /// A configuration error at a place.
    public static TailorException invalid(Location place, String message) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, message).at(place);
    }

    private static TailorException mismatch(YamlNode node, String name, String expected) {
        String found =
                node instanceof YamlNode.Scalar scalar ? "'" + scalar.text() + "'" : node.kind();
        return invalid(node.location(), name + " must be " + expected + ", not " + found);
    }
}
