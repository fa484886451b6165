package dev.tailor.workflow.internal.keys;

import dev.tailor.core.Location;
import dev.tailor.core.yaml.YamlNode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/// The values of a mapping, read by a `Shape`: every key that has a value has one, given or
/// default.
public final class Values {
    private final Location location;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Map<String, Location> places = new LinkedHashMap<>();

    Values(Location location) {
        this.location = location;
    }

    void put(String key, Object value) {
        values.put(key, value);
    }

    void given(String key, Location place) {
        places.put(key, place);
    }

    /// Where the mapping begins.
    public Location location() {
        return location;
    }

    /// Where a key's value stands, or the mapping if the key was left out.
    public Location place(String key) {
        return places.getOrDefault(key, location);
    }

    /// Where the values stand that were given.
    public Map<String, Location> places() {
        return Map.copyOf(places);
    }

    /// Whether the key was written down, rather than taken from its default.
    public boolean given(String key) {
        return places.containsKey(key);
    }

    /// Whether the key has a value.
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /// Text that is there.
    public String text(String key) {
        return require(key, String.class);
    }

    /// Text that may be absent.
    public Optional<String> optionalText(String key) {
        return optional(key, String.class);
    }

    /// A whole number that is there.
    public long whole(String key) {
        return require(key, Long.class);
    }

    /// A whole number that is there and fits an `int`.
    public int integer(String key) {
        return Math.toIntExact(whole(key));
    }

    /// A whole number that may be absent.
    public OptionalLong optionalWhole(String key) {
        Optional<Long> value = optional(key, Long.class);
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    /// A number that is there.
    public double real(String key) {
        return require(key, Double.class);
    }

    /// A number that may be absent.
    public OptionalDouble optionalReal(String key) {
        Optional<Double> value = optional(key, Double.class);
        return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
    }

    /// True or false.
    public boolean flag(String key) {
        return require(key, Boolean.class);
    }

    /// A list of text; empty if the key is absent.
    public List<String> texts(String key) {
        return items(key, String.class);
    }

    /// A list; empty if the key is absent.
    public <T> List<T> items(String key, Class<T> type) {
        return values.get(key) instanceof List<?> list ? elements(list, type) : List.of();
    }

    /// A mapping with free keys; empty if the key is absent.
    public <T> Map<String, T> entries(String key, Class<T> type) {
        Map<String, T> entries = new LinkedHashMap<>();
        if (values.get(key) instanceof Map<?, ?> map) {
            map.forEach((k, v) -> entries.put((String) k, type.cast(v)));
        }
        return entries;
    }

    /// A mapping with known keys that is there.
    public Values group(String key) {
        return require(key, Values.class);
    }

    /// A mapping with known keys that may be absent.
    public Optional<Values> optionalGroup(String key) {
        return optional(key, Values.class);
    }

    /// The chosen variant.
    public Variant variant(String key) {
        return require(key, Variant.class);
    }

    /// The chosen variant, if there is one.
    public Optional<Variant> optionalVariant(String key) {
        return optional(key, Variant.class);
    }

    /// Words with their weights, in file order.
    public Map<String, Double> weights(String key) {
        return require(key, Weights.class).byWord();
    }

    /// YAML that somebody else understands.
    public Optional<YamlNode> free(String key) {
        return optional(key, YamlNode.class);
    }

    /// Everything as plain maps, lists and scalars, defaults included, in the order of the table.
    public Map<String, Object> plain() {
        Map<String, Object> plain = new LinkedHashMap<>();
        values.forEach((key, value) -> plain.put(key, plain(value)));
        return plain;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Values values -> values.plain();
            case Variant(String name, Values values) -> Map.of(name, values.plain());
            case Weights weights -> weights.plain();
            case List<?> list -> list.stream().map(Values::plain).toList();
            case Map<?, ?> map -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                map.forEach((k, v) -> plain.put((String) k, plain(v)));
                yield plain;
            }
            case YamlNode node -> node.plain() == null ? "" : node.plain();
            default -> value;
        };
    }

    private <T> T require(String key, Class<T> type) {
        return optional(key, type)
                .orElseThrow(() -> new IllegalStateException("no value for '" + key + "'"));
    }

    private <T> Optional<T> optional(String key, Class<T> type) {
        Function<Object, T> cast = type::cast;
        return Optional.ofNullable(values.get(key)).map(cast);
    }

    private static <T> List<T> elements(List<?> list, Class<T> type) {
        return list.stream().<T>map(type::cast).toList();
    }
}
