package dev.tailor.core.yaml;

import dev.tailor.core.Location;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// A node of a YAML document with the place it stands at.
public sealed interface YamlNode {
    /// Where the node begins.
    Location location();

    /// What to call the node in an error message: "a mapping", "a list", "text", "a number" ...
    String kind();

    /// The plain Java value: `Map`, `List`, `String`, `Long`, `Double`, `Boolean` or `null`.
    @Nullable Object plain();

    /// A scalar resolved by YAML 1.2's core schema; `value` is `String`, `Long`, `Double`,
    /// `Boolean`, a [Tagged] or null, `text` is what the file says.
    record Scalar(Location location, @Nullable Object value, String text) implements YamlNode {
        @Override
        public String kind() {
            return switch (value) {
                case null -> "nothing";
                case Boolean b -> "true or false";
                case Number n -> "a number";
                default -> "text";
            };
        }

        @Override
        public @Nullable Object plain() {
            return value;
        }
    }

    /// The value of a scalar with a tag of its application's own: `!function utils.shuffle`.
    record Tagged(String tag, String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    /// A list.
    record Sequence(Location location, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public @Nullable Object plain() {
            return items.stream().map(YamlNode::plain).toList();
        }
    }

    /// A mapping with text keys, in the order of the file.
    record Mapping(Location location, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping";
        }

        @Override
        public @Nullable Object plain() {
            Map<String, @Nullable Object> plain = new java.util.LinkedHashMap<>();
            entries.forEach((key, entry) -> plain.put(key, entry.value().plain()));
            return plain;
        }
    }

    /// One entry of a mapping: where its key stands, and its value.
    record Entry(Location keyLocation, YamlNode value) {}
}
